/* SPDX-License-Identifier: MIT */
/*
 * list.h - rings of nodes that lie inside what is listed.
 *
 * The head is a node too.  One that is in no list points to itself, so that
 * taking it out again does nothing.
 */
#ifndef PROXY_LIST_H
#define PROXY_LIST_H

#include <stdbool.h>

struct node {
	struct node *prev, *next;
};

/* An empty list, or a node that is in none. */
static inline void list_init(struct node *n)
{
	n->prev = n->next = n;
}

static inline bool list_empty(const struct node *n)
{
	return n->next == n;
}

static inline void list_remove(struct node *n)
{
	n->prev->next = n->next;
	n->next->prev = n->prev;
	list_init(n);
}

/* Put `n`, which is in no list, before `at`: before a head is at the end. */
static inline void list_put(struct node *at, struct node *n)
{
	n->prev = at->prev;
	n->next = at;
	at->prev->next = n;
	at->prev = n;
}

#endif
