/* SPDX-License-Identifier: MIT */
/*
 * chardev.h - what a UART needs from whoever is at the other end of its line.
 *
 * Both directions are bounded and lose nothing: the UART asks for room before
 * it sends, and takes input only when its FIFO has room.
 */
#ifndef CORE_CHARDEV_H
#define CORE_CHARDEV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct chardev_ops {
	/* Send one byte; false when there is no room.  vCPU threads. */
	bool (*put)(void *ctx, uint8_t byte);

	/*
	 * Wait until put() may succeed, or the VM is to end.  A vCPU thread,
	 * with no lock held; guest time stands still meanwhile.
	 */
	void (*wait)(void *ctx);

	/* Take one received byte; -1 when none waits.  Any thread. */
	int  (*get)(void *ctx);
};

struct chardev {
	const struct chardev_ops *ops;
	void                     *ctx;
};

#endif
