/*
 * Results that are owed; see admin_owed.h.
 */
#include "daemon/admin_owed.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"

uint64_t
admin_debts_add(struct admin_debts *d, uint64_t serial, uint64_t its,
    bool urgent)
{
	if ((urgent ? d->n_urgent : d->n - d->n_urgent) == ADMIN_OWED)
		return 0;
	if (d->list == NULL)
		d->list = xcalloc(2 * (size_t)ADMIN_OWED, sizeof(*d->list));
	d->list[d->n++] = (struct admin_owed){
		.id = ++d->n_ever, .serial = serial, .its = its,
		.urgent = urgent,
	};
	if (urgent)
		d->n_urgent++;
	return d->n_ever;
}

static void
settle(struct admin_owed *o, enum admin_outcome outcome, const char *text)
{
	if (o->text != NULL)
		return;
	o->outcome = outcome;
	o->text = xstrdup(text);
}

void
admin_debts_settle(struct admin_debts *d, uint64_t id,
    enum admin_outcome outcome, const char *text)
{
	for (size_t i = 0; i < d->n; i++) {
		if (d->list[i].id == id)
			settle(&d->list[i], outcome, text);
	}
}

void
admin_debts_refuse_all(struct admin_debts *d, const char *text)
{
	for (size_t i = 0; i < d->n; i++)
		settle(&d->list[i], ADMIN_REFUSED, text);
}

bool
admin_debts_take(struct admin_debts *d, struct admin_owed *out)
{
	size_t i = 0;

	while (i < d->n && d->list[i].text == NULL)
		i++;
	if (i == d->n)
		return false;
	*out = d->list[i];
	d->n--;
	if (out->urgent)
		d->n_urgent--;
	memmove(d->list + i, d->list + i + 1,
	    (d->n - i) * sizeof(*d->list));
	return true;
}

void
admin_debts_release(struct admin_debts *d)
{
	for (size_t i = 0; i < d->n; i++)
		free(d->list[i].text);
	free(d->list);
	*d = (struct admin_debts){ .list = NULL };
}
