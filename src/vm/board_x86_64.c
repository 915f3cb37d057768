/* SPDX-License-Identifier: MIT */
/*
 * board_x86_64.c - the x86_64 machine: RAM, APICs, UART, clock, power.
 *
 * The IOAPIC is always ours.  The local APICs are the backend's or ours: what
 * has one has its timer and INIT and start-up messages, too.
 */
#include "vm/board_x86_64.h"

#include "arch/x86_64/boot_regs.h"
#include "arch/x86_64/layout.h"
#include "arch/x86_64/msr.h"
#include "base/container.h"
#include "base/num.h"
#include "boot/acpi.h"
#include "boot/boot_x86_64.h"
#include "boot/e820.h"
#include "dev/nopit.h"
#include "vm/vm.h"

enum {
	PIT_PORTS = 4,
	TEXT_LINE = 64, /* of the E820 map */
};

static struct board_x86_64 *board(struct vm *vm)
{
	return &vm->board.x86_64;
}

static struct vm *vm_of(const struct vcpu *v)
{
	return container_of(v->hv.vm, struct vm, hv);
}

static bool own_lapic(const struct vm *vm)
{
	return !(vm->hv.ops->provides & HV_LOCAL);
}

/* What does not fit below the hole lies above 4 GiB. */
static unsigned ram(uint64_t size, struct board_ram piece[static BOARD_RAMS])
{
	uint64_t low = min_u64(size, X86_HOLE_BASE);

	piece[0] = (struct board_ram){ 0, low };
	piece[1] = (struct board_ram){ X86_HIGH_BASE, size - low };
	return size > low ? 2 : 1;
}

/* ---- interrupts ------------------------------------------------------- */

/* A message to the backend's local APICs: SDM volume 3, 11.11. */
enum {
	MSI_DEST_SHIFT = 12,
	MSI_REDIRECT = 1 << 3,
	MSI_LOGICAL = 1 << 2,
	MSI_MODE_SHIFT = 8,
	MSI_ASSERT = 1 << 14,
	MSI_LEVEL = 1 << 15,
};

static void send_msi(struct vm *vm, const struct apic_message *m)
{
	uint64_t addr = X86_LAPIC_BASE | (uint64_t)(m->dest & 0xff)
						 << MSI_DEST_SHIFT;
	uint32_t data =
		m->vector | (uint32_t)m->mode << MSI_MODE_SHIFT | MSI_ASSERT;

	if (m->logical)
		addr |= MSI_LOGICAL;
	if (m->mode == APIC_LOWEST)
		addr |= MSI_REDIRECT;
	if (m->level)
		data |= MSI_LEVEL;
	vm->hv.ops->message(&vm->hv, addr, data);
}

static void on_message(void *ctx, const struct apic_message *m)
{
	struct vm *vm = ctx;

	if (own_lapic(vm))
		lapic_message(&board(vm)->lapic, m);
	else
		send_msi(vm, m);
}

/* INIT of the CPU that boots is how a PC resets itself. */
static void on_init(void *ctx, unsigned cpu)
{
	struct vm *vm = ctx;

	if (cpu)
		vcpu_halt(&vm->vcpu[cpu]);
	else
		vm_power(vm, POWER_RESET);
}

static void on_sipi(void *ctx, unsigned cpu, uint8_t vector)
{
	struct vm *vm = ctx;
	struct regs r;

	x86_sipi_regs(&r, vector);
	(void)vcpu_start(&vm->vcpu[cpu], &r); /* on already: nothing happens */
}

/* A CPU whose local APIC is ours has no input for it: it is lost. */
static void on_nmi(void *ctx, unsigned cpu)
{
	(void)ctx;
	(void)cpu;
}

static void on_eoi(void *ctx, uint8_t vector)
{
	struct vm *vm = ctx;

	ioapic_eoi(&board(vm)->ioapic, vector);
}

static const struct lapic_events lapic_events = {
	.init = on_init,
	.sipi = on_sipi,
	.nmi = on_nmi,
	.eoi = on_eoi,
};

static struct irq gsi(struct vm *vm, unsigned pin)
{
	return (struct irq){ ioapic_pin, &board(vm)->ioapic, pin };
}

/* ---- devices ---------------------------------------------------------- */

static int add_lapic(struct vm *vm, mv_error *err)
{
	struct irq line[X86_MAX_CPUS];
	unsigned i;

	if (!own_lapic(vm))
		return 0;
	for (i = 0; i < vm->cpus; i++)
		line[i] = (struct irq){ vcpu_line, &vm->vcpu[i], 0 };
	return lapic_init(&board(vm)->lapic, vm->cpus, line, &vm->clock,
			  &lapic_events, vm, err);
}

static void remove_lapic(struct vm *vm)
{
	if (own_lapic(vm))
		lapic_fini(&board(vm)->lapic);
}

static int add_ioapic(struct vm *vm, mv_error *err)
{
	return ioapic_init(&board(vm)->ioapic,
			   (struct ioapic_port){ on_message, vm }, err);
}

static void remove_ioapic(struct vm *vm)
{
	ioapic_fini(&board(vm)->ioapic);
}

static int add_uart(struct vm *vm, mv_error *err)
{
	return uart8250_init(&board(vm)->uart, &vm->console.chr,
			     gsi(vm, X86_GSI_COM1), err);
}

static void remove_uart(struct vm *vm)
{
	uart8250_fini(&board(vm)->uart);
}

static int add_cmos(struct vm *vm, mv_error *err)
{
	return cmos_init(&board(vm)->cmos, &vm->clock, err);
}

static void remove_cmos(struct vm *vm)
{
	cmos_fini(&board(vm)->cmos);
}

static int add_power(struct vm *vm, mv_error *err)
{
	const struct power_switch power = { vm_power, vm };

	i8042_init(&board(vm)->i8042, power);
	return acpi_pm_init(&board(vm)->pm, power, err);
}

static void remove_power(struct vm *vm)
{
	acpi_pm_fini(&board(vm)->pm);
}

static int place(struct vm *vm, mv_error *err)
{
	struct board_x86_64 *b = board(vm);
	const struct bus_slot slot[] = {
		{ X86_PORT_COM1, UART8250_PORTS, &uart8250_ops, &b->uart,
		  UART8250_SIZES },
		{ X86_PORT_CMOS, CMOS_PORTS, &cmos_ops, &b->cmos, CMOS_SIZES },
		{ X86_PORT_SLEEP, ACPI_PM_PORTS, &acpi_pm_ops, &b->pm,
		  ACPI_PM_SIZES },
		{ X86_PORT_I8042_DATA, 1, &i8042_data_ops, &b->i8042,
		  I8042_SIZES },
		{ X86_PORT_I8042_CMD, 1, &i8042_cmd_ops, &b->i8042,
		  I8042_SIZES },
		{ X86_PORT_PIT, PIT_PORTS, &nopit_ops, NULL, NOPIT_SIZES },
		{ X86_PORT_GATE, 1, &nopit_gate_ops, NULL, NOPIT_SIZES },
	};
	unsigned i;
	int rc = bus_add(&vm->bus, SPACE_MMIO, X86_IOAPIC_BASE, X86_IOAPIC_SIZE,
			 &ioapic_ops, &b->ioapic, IOAPIC_SIZES, err);

	for (i = 0; i < LEN(slot) && !rc; i++)
		rc = bus_add(&vm->bus, SPACE_PIO, slot[i].base, slot[i].len,
			     slot[i].ops, slot[i].dev, slot[i].sizes, err);
	return rc;
}

/* In this order, and removed in the reverse. */
static const struct device {
	int (*add)(struct vm *vm, mv_error *err);
	void (*remove)(struct vm *vm);
} devices[] = {
	{ add_lapic, remove_lapic }, { add_ioapic, remove_ioapic },
	{ add_uart, remove_uart },   { add_cmos, remove_cmos },
	{ add_power, remove_power },
};

static void remove_devices(struct vm *vm, unsigned count)
{
	while (count)
		devices[--count].remove(vm);
}

static int init(struct vm *vm, mv_error *err)
{
	unsigned n = 0;
	int rc = 0;

	while (!rc && n < LEN(devices)) {
		rc = devices[n].add(vm, err);
		n += !rc;
	}
	if (!rc)
		rc = place(vm, err);
	if (rc)
		remove_devices(vm, n);
	return rc;
}

static void fini(struct vm *vm)
{
	remove_devices(vm, LEN(devices));
}

static struct board_slot virtio(struct vm *vm, unsigned slot)
{
	return (struct board_slot){
		.gpa = X86_VIRTIO_BASE + slot * X86_VIRTIO_STEP,
		.size = X86_VIRTIO_SIZE,
		.wire = gsi(vm, X86_GSI_VIRTIO + slot),
	};
}

/* ---- the guest -------------------------------------------------------- */

static int keep_e820(struct vm *vm, mv_error *err)
{
	struct e820_entry map[E820_MAX];
	char text[E820_MAX * TEXT_LINE];
	unsigned n = e820_map(&vm->mem, map);

	return vm_keep(vm, MICROVM_ARTIFACT_E820, text,
		       e820_text(map, n, text, sizeof(text)), err);
}

static int load_kernel(struct vm *vm, const struct boot_config *cfg,
		       struct boot_x86_64 *at, mv_error *err)
{
	const struct acpi_config acpi = { vm->cpus, vm->virtio };
	struct acpi_tables tables;
	int rc = boot_x86_64(cfg, &vm->mem, at, err);

	if (!rc)
		rc = acpi_load(&acpi, &vm->mem, &tables, err);
	if (!rc)
		rc = vm_keep_gpa(vm, MICROVM_ARTIFACT_ACPI, tables.rsdp_gpa,
				 tables.len, err);
	return rc ? rc : keep_e820(vm, err);
}

/* A program is in 32 bits, with nothing around it. */
static int load(struct vm *vm, const struct vm_config *cfg, mv_error *err)
{
	struct boot_x86_64 at = { .kind = X86_ENTRY_PVH,
				  .entry = X86_KERNEL_GPA };
	struct regs r;
	int rc = cfg->boot ? load_kernel(vm, cfg->boot, &at, err)
			   : board_program(vm, cfg, at.entry, err);

	if (rc)
		return rc;
	x86_boot_regs(&r, at.kind, at.entry, at.info_gpa);
	(void)vcpu_start(&vm->vcpu[0], &r); /* nobody has started it before */
	return 0;
}

static void input(struct vm *vm)
{
	uart8250_input(&board(vm)->uart);
}

/* ---- up-calls --------------------------------------------------------- */

static bool on_access(struct vcpu *v, struct access *a)
{
	struct vm *vm = vm_of(v);

	if (own_lapic(vm) && lapic_access(&board(vm)->lapic, v->hv.index, a))
		return true;
	return bus_access(&vm->bus, a);
}

static bool on_msr(struct vcpu *v, struct sysreg_access *a)
{
	struct vm *vm = vm_of(v);

	if (own_lapic(vm) && lapic_msr(&board(vm)->lapic, v->hv.index, a))
		return true;
	return x86_msr(a);
}

static int pending(struct vcpu *v)
{
	struct vm *vm = vm_of(v);

	return own_lapic(vm) ? lapic_take(&board(vm)->lapic, v->hv.index) : -1;
}

static void eoi(struct vcpu *v, unsigned vector)
{
	on_eoi(vm_of(v), (uint8_t)vector);
}

static uint64_t deadline(struct vcpu *v)
{
	struct vm *vm = vm_of(v);

	if (!own_lapic(vm))
		return CLOCK_NEVER;
	return lapic_deadline(&board(vm)->lapic, v->hv.index);
}

static void tick(struct vcpu *v)
{
	struct vm *vm = vm_of(v);

	if (own_lapic(vm))
		lapic_tick(&board(vm)->lapic, v->hv.index);
}

static void state(struct vm *vm, struct state *s)
{
	struct board_x86_64 *b = board(vm);

	if (own_lapic(vm))
		lapic_state(&b->lapic, s);
	ioapic_state(&b->ioapic, s);
	uart8250_state(&b->uart, s);
	cmos_state(&b->cmos, s);
	acpi_pm_state(&b->pm, s);
}

const struct board_ops board_x86_64_ops = {
	.max_cpus = X86_MAX_CPUS,
	.max_virtio = X86_MAX_VIRTIO,
	.ram = ram,
	.init = init,
	.fini = fini,
	.virtio = virtio,
	.load = load,
	.input = input,
	.access = on_access,
	.sysreg = on_msr,
	.pending = pending,
	.eoi = eoi,
	.deadline = deadline,
	.tick = tick,
	.state = state,
};
