/* SPDX-License-Identifier: MIT */
/* Intrusive doubly linked list: the node is a member of its element, which the
 * element's owner allocates and frees. A node is in at most one list; a node
 * that is in none has been initialised with list_init or removed. */
#ifndef BASE_LIST_H
#define BASE_LIST_H

#include "lib/base/base.h"

struct list {
	struct list *next;
	struct list *previous;
};

/* The element that contains `node` as `member`. */
#define list_element(node, type, member) \
	((type *)(void *)((char *)(node)-offsetof(type, member)))

#define list_foreach(node, head)                               \
	for (struct list *node = (head)->next; node != (head); \
	     node = node->next)

/* As list_foreach; the body may remove or free the current element. */
#define list_foreach_safe(node, head)                                      \
	for (struct list *node = (head)->next, *after_##node = node->next; \
	     node != (head); node = after_##node, after_##node = node->next)

static inline void
list_init(struct list *list)
{
	list->next = list->previous = list;
}

static inline bool
list_is_empty(const struct list *list)
{
	return list->next == list;
}

static inline void
list_add_last(struct list *list, struct list *node)
{
	node->previous = list->previous;
	node->next = list;
	list->previous->next = node;
	list->previous = node;
}

static inline void
list_add_first(struct list *list, struct list *node)
{
	list_add_last(list->next, node);
}

/* Harmless for a node that is in no list. */
static inline void
list_remove(struct list *node)
{
	node->previous->next = node->next;
	node->next->previous = node->previous;
	list_init(node);
}

/* The first node, or NULL when the list is empty. */
static inline struct list *
list_first(const struct list *list)
{
	return list_is_empty(list) ? NULL : list->next;
}

#endif
