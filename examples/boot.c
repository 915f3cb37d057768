/* SPDX-License-Identifier: MIT */
/*
 * boot.c - the smallest embedder: boot KERNEL [INITRD] with its console on
 * our standard output, and say how it ended.
 */
#include <microvm.h>
#include <stdio.h>

/* On the VM's own thread: pass on what the guest printed. */
static void on_event(void *ctx, enum microvm_event event)
{
	microvm_vm *vm = *(microvm_vm **)ctx;
	char buf[4096];
	size_t n;

	(void)event;
	while ((n = microvm_console_read(vm, buf, sizeof(buf))) > 0)
		(void)fwrite(buf, 1, n, stdout);
	(void)fflush(stdout);
}

/* Describe the machine, make it, let it run, and wait for its end. */
static int boot(microvm_config *cfg, microvm_vm **vm, char **argv,
		microvm_exit *end)
{
	microvm_error *err = &end->error;

	if (microvm_config_set_kernel_path(cfg, argv[1], err) ||
	    (argv[2] && microvm_config_add_initrd_path(cfg, argv[2], err)) ||
	    microvm_config_enable_console(cfg, err) ||
	    microvm_config_set_events(cfg, on_event, vm, err) ||
	    microvm_vm_create(cfg, vm, err) || microvm_vm_start(*vm, err))
		return -1;
	return microvm_vm_wait(*vm, MICROVM_FOREVER, end);
}

int main(int argc, char **argv)
{
	microvm_exit end = { .reason = MICROVM_EXIT_FAILED };
	microvm_config *cfg;
	microvm_vm *vm = NULL;

	if (argc < 2) {
		(void)fputs("usage: boot KERNEL [INITRD]\n", stderr);
		return 2;
	}
	cfg = microvm_config_new();
	if (!cfg || boot(cfg, &vm, argv, &end) ||
	    end.reason == MICROVM_EXIT_FAILED)
		(void)fprintf(stderr, "boot: %s\n%s\n", end.error.msg,
			      end.error.hint);
	microvm_vm_free(vm);
	microvm_config_free(cfg);
	return end.reason == MICROVM_EXIT_POWEROFF ? 0 : 1;
}
