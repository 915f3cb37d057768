/* SPDX-License-Identifier: MIT */
/* board_arm64.c - the arm64 machine: RAM, GIC, UART, clock, PSCI. */
#include "vm/board_arm64.h"

#include "arch/arm64/boot_regs.h"
#include "arch/arm64/layout.h"
#include "arch/arm64/psci.h"
#include "base/container.h"
#include "boot/boot_arm64.h"
#include "boot/fdt_arm64.h"
#include "vm/vm.h"

static struct board_arm64 *board(struct vm *vm)
{
	return &vm->board.arm64;
}

static struct vm *vm_of(const struct vcpu *v)
{
	return container_of(v->hv.vm, struct vm, hv);
}

static unsigned ram(uint64_t size, struct board_ram piece[static BOARD_RAMS])
{
	piece[0] = (struct board_ram){ ARM64_RAM_BASE, size };
	return 1;
}

/* A backend that has the distributor has the CPU interfaces, too. */
static bool own_gic(const struct vm *vm)
{
	return !(vm->hv.ops->provides & HV_WIRES);
}

static void hv_wire(void *chip, unsigned intid, bool level)
{
	struct hv_vm *hv = chip;

	hv->ops->wire(hv, intid, level);
}

/* A shared interrupt, to whoever has the distributor. */
static struct irq spi(struct vm *vm, unsigned intid)
{
	if (own_gic(vm))
		return (struct irq){ gicv3_spi, &board(vm)->gic, intid };
	return (struct irq){ hv_wire, &vm->hv, intid };
}

static int add(struct vm *vm, uint64_t base, uint64_t len,
	       const struct bus_ops *ops, void *dev, unsigned sizes,
	       mv_error *err)
{
	return bus_add(&vm->bus, SPACE_MMIO, base, len, ops, dev, sizes, err);
}

static int add_gic(struct vm *vm, mv_error *err)
{
	struct gicv3 *g = &board(vm)->gic;
	struct irq line[ARM64_MAX_CPUS];
	unsigned i;
	int rc;

	if (!own_gic(vm))
		return 0;
	for (i = 0; i < vm->cpus; i++)
		line[i] = (struct irq){ vcpu_line, &vm->vcpu[i], 0 };
	rc = gicv3_init(g, vm->cpus, ARM64_GIC_INTIDS, line, err);
	if (rc)
		return rc;
	rc = add(vm, ARM64_GICD_BASE, ARM64_GICD_SIZE, &gicv3_dist_ops, g,
		 GICV3_SIZES, err);
	if (!rc)
		rc = add(vm, ARM64_GICR_BASE, vm->cpus * ARM64_GICR_STRIDE,
			 &gicv3_redist_ops, g, GICV3_SIZES, err);
	if (rc)
		gicv3_fini(g);
	return rc;
}

static void remove_gic(struct vm *vm)
{
	if (own_gic(vm))
		gicv3_fini(&board(vm)->gic);
}

static int add_uart(struct vm *vm, mv_error *err)
{
	struct pl011 *u = &board(vm)->uart;
	int rc = pl011_init(u, &vm->console.chr, spi(vm, ARM64_SPI_UART), err);

	if (rc)
		return rc;
	rc = add(vm, ARM64_UART_BASE, ARM64_UART_SIZE, &pl011_ops, u,
		 PL011_SIZES, err);
	if (rc)
		pl011_fini(u);
	return rc;
}

static int add_rtc(struct vm *vm, mv_error *err)
{
	struct pl031 *r = &board(vm)->rtc;
	int rc = pl031_init(r, &vm->clock, err);

	if (rc)
		return rc;
	rc = add(vm, ARM64_RTC_BASE, ARM64_RTC_SIZE, &pl031_ops, r, PL031_SIZES,
		 err);
	if (rc)
		pl031_fini(r);
	return rc;
}

static struct board_slot virtio(struct vm *vm, unsigned slot)
{
	return (struct board_slot){
		.gpa = ARM64_VIRTIO_BASE + slot * ARM64_VIRTIO_SIZE,
		.size = ARM64_VIRTIO_SIZE,
		.wire = spi(vm, ARM64_SPI_VIRTIO + slot),
	};
}

static int init(struct vm *vm, mv_error *err)
{
	int rc = add_gic(vm, err);

	if (rc)
		return rc;
	rc = add_uart(vm, err);
	if (rc)
		goto out_gic;
	rc = add_rtc(vm, err);
	if (!rc)
		return 0;
	pl011_fini(&board(vm)->uart);
out_gic:
	remove_gic(vm);
	return rc;
}

static void fini(struct vm *vm)
{
	pl031_fini(&board(vm)->rtc);
	pl011_fini(&board(vm)->uart);
	remove_gic(vm);
}

static int load(struct vm *vm, const struct vm_config *cfg, mv_error *err)
{
	struct boot_arm64 at = { .entry = ARM64_RAM_BASE };
	struct regs r;
	int rc;

	if (cfg->boot) {
		struct boot_config boot = *cfg->boot;

		boot.virtio = vm->virtio;
		boot.gic = vm->hv.gic;
		rc = boot_arm64(&boot, &vm->mem, &at, err);
	} else {
		rc = board_program(vm, cfg, at.entry, err);
	}
	if (!rc && at.dtb_len)
		rc = vm_keep_gpa(vm, MICROVM_ARTIFACT_DTB, at.dtb_gpa,
				 (size_t)at.dtb_len, err);
	if (rc)
		return rc;
	boot_regs_primary(&r, at.entry, at.dtb_gpa);
	(void)vcpu_start(&vm->vcpu[0], &r); /* nobody has started it before */
	return 0;
}

static void input(struct vm *vm)
{
	pl011_input(&board(vm)->uart);
}

static bool sysreg(struct vcpu *v, struct sysreg_access *a)
{
	struct vm *vm = vm_of(v);

	return own_gic(vm) && gicv3_sysreg(&board(vm)->gic, v->hv.index, a);
}

static void timer(struct vcpu *v, enum hv_timer which, bool level)
{
	static const unsigned ppi[] = {
		[HV_TIMER_VIRTUAL] = ARM64_PPI_VIRT_TIMER,
		[HV_TIMER_PHYSICAL] = ARM64_PPI_PHYS_TIMER,
	};

	if (own_gic(vm_of(v)))
		gicv3_ppi(&board(vm_of(v))->gic, v->hv.index, ppi[which],
			  level);
}

static enum psci_rc cpu_on(void *ctx, unsigned cpu, uint64_t entry,
			   uint64_t context_id)
{
	struct vm *vm = ctx;
	struct regs r;

	if (entry % 4 || !gmem_span(&vm->mem, entry, 4).p)
		return PSCI_INVALID_ADDRESS;
	boot_regs_secondary(&r, entry, context_id);
	if (vcpu_start(&vm->vcpu[cpu], &r))
		return PSCI_SUCCESS;
	return vcpu_power(&vm->vcpu[cpu]) == VCPU_STARTING ? PSCI_ON_PENDING
							   : PSCI_ALREADY_ON;
}

static enum psci_state cpu_state(void *ctx, unsigned cpu)
{
	const struct vm *vm = ctx;

	switch (vcpu_power(&vm->vcpu[cpu])) {
	case VCPU_OFF: return PSCI_STATE_OFF;
	case VCPU_STARTING: return PSCI_STATE_PENDING;
	case VCPU_ON: break;
	}
	return PSCI_STATE_ON;
}

static enum hv_run call(struct vcpu *v, struct regs *r)
{
	static const struct psci_ops ops = { cpu_on, cpu_state };
	struct vm *vm = vm_of(v);
	const struct psci psci = { &ops, vm, vm->cpus };

	switch (psci_call(&psci, r)) {
	case PSCI_CONTINUE: break;
	case PSCI_IDLE: return HV_IDLE;
	case PSCI_CPU_OFF:
		vcpu_off(v);
		return HV_IDLE; /* out of the slice; it is not run again */
	case PSCI_SHUTDOWN: return HV_SHUTDOWN;
	case PSCI_RESET: return HV_RESET;
	}
	return HV_AGAIN;
}

static void state(struct vm *vm, struct state *s)
{
	if (own_gic(vm))
		gicv3_state(&board(vm)->gic, s);
	pl011_state(&board(vm)->uart, s);
	pl031_state(&board(vm)->rtc, s);
}

const struct board_ops board_arm64_ops = {
	.max_cpus = ARM64_MAX_CPUS,
	.max_virtio = FDT_ARM64_MAX_VIRTIO,
	.ram = ram,
	.init = init,
	.fini = fini,
	.virtio = virtio,
	.load = load,
	.input = input,
	.sysreg = sysreg,
	.call = call,
	.timer = timer,
	.state = state,
};
