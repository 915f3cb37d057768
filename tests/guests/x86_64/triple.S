/* SPDX-License-Identifier: MIT */
/* triple.S - an exception with no handler, nor one for that: a reset. */
#include "guest.h"

func main
	say	"again\n"
	jmp	triple
