/* SPDX-License-Identifier: MIT */
/*
 * i8042.c - of a PC's keyboard controller, the wire that resets the machine.
 *
 * What a status read says is chosen for Linux, which asks on two occasions.
 * Looking for a controller it reads data away until there is none, and gives
 * up after 16 bytes: so there is always data.  (With none it would send a
 * command and wait half a second for the answer.)  To reset it waits until
 * its command can be taken: so it always can.  All ones would say that it
 * cannot, for 65536 reads.
 */
#include "dev/i8042.h"

enum {
	IBF = 1 << 1, /* status: the last command is still being read */
	STATUS = 0xff & ~IBF,
	PULSE_RESET = 0xfe, /* command: pulse output 0, which is the reset */
};

static uint64_t data_read(void *dev, uint64_t off, unsigned size)
{
	(void)dev;
	(void)off;
	(void)size;
	return 0xff;
}

static void data_write(void *dev, uint64_t off, unsigned size, uint64_t v)
{
	(void)dev;
	(void)off;
	(void)size;
	(void)v;
}

static uint64_t cmd_read(void *dev, uint64_t off, unsigned size)
{
	(void)dev;
	(void)off;
	(void)size;
	return STATUS;
}

static void cmd_write(void *dev, uint64_t off, unsigned size, uint64_t v)
{
	const struct i8042 *k = dev;

	(void)off;
	(void)size;
	if ((uint8_t)v == PULSE_RESET)
		k->power.set(k->power.ctx, POWER_RESET);
}

const struct bus_ops i8042_data_ops = { data_read, data_write };
const struct bus_ops i8042_cmd_ops = { cmd_read, cmd_write };

void i8042_init(struct i8042 *k, struct power_switch power)
{
	*k = (struct i8042){ power };
}
