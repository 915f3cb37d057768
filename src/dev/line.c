/* SPDX-License-Identifier: MIT */
/* line.c - a device's end of an interrupt wire, driven with no lock held. */
#include "dev/line.h"

void line_drive(struct line *l, struct mutex *mu, bool level)
{
	l->want = level;
	if (!level && l->is)
		l->fell = true;
	if (l->moving)
		return;
	l->moving = true;
	while (l->is != l->want || l->fell) {
		bool now = l->is = l->want && !l->fell;

		l->fell = false;
		mutex_unlock(mu);
		irq_set(&l->irq, now);
		mutex_lock(mu);
	}
	l->moving = false;
}
