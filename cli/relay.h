/* SPDX-License-Identifier: MIT */
/*
 * relay.h - bytes between a socket and two descriptors, both ways at once.
 *
 * Each direction ends by itself: the end of the input becomes the end of what
 * the peer receives, the end of what it sends closes the output.  The socket
 * is non-blocking; the others are used only when poll(2) says they are ready,
 * a pipe with as little as it then takes at once, as they are shared with
 * other processes and their flags are not ours.
 */
#ifndef CLI_RELAY_H
#define CLI_RELAY_H

enum relay_end {
	RELAY_DONE,   /* both directions ended, or the peer closed */
	RELAY_RESET,  /* the peer broke it off */
	RELAY_INPUT,  /* the input cannot be read: os */
	RELAY_OUTPUT, /* the output cannot be written: os */
	RELAY_SOCKET, /* the socket failed otherwise: os */
};

/* Until it is over.  The output is closed by then, if the peer ended. */
enum relay_end relay_run(int sock, int in, int out, int *os);

#endif
