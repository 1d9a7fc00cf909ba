/*
 * Lists whose items hold their own links: `next`, and `prev`, which points at
 * the pointer to the item.  Any item can be removed without a search.
 */
#ifndef BASE_LIST_H
#define BASE_LIST_H

#define LIST_PUSH(head, item) do {					\
	(item)->next = (head);						\
	(item)->prev = &(head);						\
	if ((head) != NULL)						\
		(head)->prev = &(item)->next;				\
	(head) = (item);						\
} while (0)

#define LIST_REMOVE(item) do {						\
	*(item)->prev = (item)->next;					\
	if ((item)->next != NULL)					\
		(item)->next->prev = (item)->prev;			\
	(item)->next = NULL;						\
	(item)->prev = NULL;						\
} while (0)

#endif
