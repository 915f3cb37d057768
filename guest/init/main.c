/* SPDX-License-Identifier: MIT */
/*
 * main.c - the first process of a microvm guest, in reading order.
 *
 * Makes the bare kernel a system that a program can run on, runs the one
 * program, and ends the machine after it.
 */
#include <unistd.h>

#include "guest/common/say.h"
#include "guest/common/vsock.h"
#include "guest/init/program.h"
#include "guest/init/system.h"

const char say_name[] = "microvm-init";

int main(void)
{
	enum program_end end;
	struct endpoint host;
	struct agent agent;
	int status = -1;

	/* system_end() ends every process: nothing to try at home. */
	if (getpid() != 1) {
		say("runs only as the first process of a guest");
		return 1;
	}
	system_mount();
	system_load_modules();
	system_set_hostname();
	system_raise_loopback();
	endpoint_vsock(&host, VSOCK_CID_HOST, VSOCK_PORT_AGENT);
	agent_open(&agent, &host);
	end = program_run(&agent, &status);
	if (status >= 0)
		agent_report(&agent, (unsigned)status);
	system_end(end == PROGRAM_RESTART);
}
