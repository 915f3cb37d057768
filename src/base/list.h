/* SPDX-License-Identifier: MIT */
/*
 * list.h - lists whose links are part of what is listed.
 *
 * A node is in one list or in none, where it points to itself; so taking it
 * out twice is harmless, and nothing here can fail.
 */
#ifndef BASE_LIST_H
#define BASE_LIST_H

#include <stdbool.h>

struct list {
	struct list *next, *prev;
};

static inline void list_init(struct list *l)
{
	l->next = l->prev = l;
}

/* Of a head: has it no node?  Of a node: is it in no list? */
static inline bool list_is_empty(const struct list *l)
{
	return l->next == l;
}

static inline void list_remove(struct list *node)
{
	node->next->prev = node->prev;
	node->prev->next = node->next;
	list_init(node);
}

/* Before `head`, which is the end of its list; from wherever it was. */
static inline void list_append(struct list *head, struct list *node)
{
	list_remove(node);
	node->prev = head->prev;
	node->next = head;
	head->prev->next = node;
	head->prev = node;
}

/* Everything in `from` goes to `to`, which had nothing. */
static inline void list_take(struct list *to, struct list *from)
{
	list_init(to);
	if (list_is_empty(from))
		return;
	*to = *from;
	to->next->prev = to;
	to->prev->next = to;
	list_init(from);
}

#endif
