/* SPDX-License-Identifier: MIT */
/*
 * acpi_pm.c - sleep and reset registers of hardware-reduced ACPI, ACPI 6.5
 * sections 4.8.3.6 and 4.8.3.7.
 */
#include "dev/acpi_pm.h"

#include "arch/x86_64/layout.h"

enum {
	CONTROL = 0,
	STATUS = X86_PORT_WAKE - X86_PORT_SLEEP,
	RESET = X86_PORT_RESET - X86_PORT_SLEEP,

	SLP_TYP_SHIFT = 2, /* control: which state, three bits */
	SLP_TYP = 7 << SLP_TYP_SHIFT,
	SLP_EN = 1 << 5, /* go there; reads as 0 */
};

/* Status: WAK_STS would tell of a wake-up, and there is none from S5. */
static uint64_t acpi_pm_read(void *dev, uint64_t off, unsigned size)
{
	struct acpi_pm *p = dev;
	uint8_t v;

	(void)size;
	if (off != CONTROL)
		return 0;
	mutex_lock(&p->mu);
	v = p->control;
	mutex_unlock(&p->mu);
	return v;
}

static void set_control(struct acpi_pm *p, uint8_t v)
{
	mutex_lock(&p->mu);
	p->control = v & SLP_TYP;
	mutex_unlock(&p->mu);
	if ((v & (SLP_EN | SLP_TYP)) ==
	    (SLP_EN | X86_SLEEP_S5 << SLP_TYP_SHIFT))
		p->power.set(p->power.ctx, POWER_OFF);
}

static void acpi_pm_write(void *dev, uint64_t off, unsigned size, uint64_t v)
{
	struct acpi_pm *p = dev;

	(void)size;
	switch (off) {
	case CONTROL: set_control(p, (uint8_t)v); break;
	case RESET:
		if ((uint8_t)v == X86_RESET)
			p->power.set(p->power.ctx, POWER_RESET);
		break;
	default: /* STATUS: a 1 clears WAK_STS, which is clear */ break;
	}
}

const struct bus_ops acpi_pm_ops = { acpi_pm_read, acpi_pm_write };

int acpi_pm_init(struct acpi_pm *p, struct power_switch power, mv_error *err)
{
	*p = (struct acpi_pm){ .power = power };
	return mutex_init(&p->mu, err);
}

void acpi_pm_fini(struct acpi_pm *p)
{
	mutex_fini(&p->mu);
}

void acpi_pm_state(struct acpi_pm *p, struct state *s)
{
	mutex_lock(&p->mu);
	state_section(s, "acpi_pm", 1);
	state_u8(s, &p->control);
	state_check(s, !(p->control & ~SLP_TYP), "bad sleep control");
	if (s->loading && s->failed)
		p->control = 0;
	mutex_unlock(&p->mu);
}
