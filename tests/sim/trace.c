/*
 * Traces of requests; see trace.h.
 */
#include "trace.h"

#include <stdio.h>
#include <string.h>

#include "dice.h"

/* Of each the number is a part of the trace id. */
static const struct {
	const char *before;
	int digits;			/* of the number */
	const char *behind;
	bool valid;
} parents[] = {
	{ "00-", 32, "-00f067aa0ba902b7-01", true },
	{ "00-", 32, "-00f067aa0ba902b7-00", true },
	{ "cc-", 32, "-00f067aa0ba902b7-01-new", true },
	{ "00-", 32, "-00f067aa0ba902b7-01-new", false },
	{ "00-", 32, "-00F067AA0BA902B7-01", false },
	{ "00-", 32, "-0000000000000000-01", false },
	{ "ff-", 32, "-00f067aa0ba902b7-01", false },
	{ "00-", 31, "-00f067aa0ba902b7-01", false },
	{ "00-", 32, "-00f067aa0ba902b7-01x", false },
	{ "", 8, "", false },
};

static const struct {
	const char *text;
	bool valid;
} states[] = {
	{ "a=1", true },
	{ "vendor=of:it, 2@tenant=x y", true },
	{ "A=1", false },
	{ "a=1,b", false },
	{ "a=1,b==", false },
	{ "a=1,b=1,c=1,d=1,e=1,f=1,g=1,h=1,i=1,j=1,k=1,l=1,m=1,n=1,o=1,p=1,"
	    "q=1,r=1,s=1,t=1,u=1,v=1,w=1,x=1,y=1,z=1,aa=1,ab=1,ac=1,ad=1,"
	    "ae=1,af=1,ag=1", false },
};

#define N_OF(table)	(sizeof(table) / sizeof(*(table)))

static void
choose_parent(struct trace *t, unsigned number)
{
	static const unsigned weights[N_OF(parents)] = { 12, 3, 3, 1, 1, 1, 1,
	    1, 1, 1 };
	size_t i = dice_weighed(weights, N_OF(parents));

	(void)snprintf(t->parent, sizeof(t->parent), "%s%0*x%s",
	    parents[i].before, parents[i].digits, number, parents[i].behind);
	t->is_named = dice_one_in(20);
	t->is_valid = parents[i].valid && !t->is_named;
}

void
trace_choose(struct trace *t, unsigned number)
{
	size_t i;

	*t = (struct trace){ .state = NULL };
	if (dice_one_in(2))
		choose_parent(t, number);
	if (t->parent[0] == '\0' ? dice_one_in(16) : dice_one_in(2)) {
		i = dice(N_OF(states));
		t->state = states[i].text;
		t->state_is_valid = states[i].valid && t->is_valid;
	}
}

void
trace_say(const struct trace *t, struct buf *out)
{
	if (t->parent[0] != '\0')
		buf_printf(out, "Traceparent: %s\r\n", t->parent);
	if (t->state != NULL)
		buf_printf(out, "tracestate: %s\r\n", t->state);
	if (t->is_named)
		buf_append_text(out, TEXT("Connection: traceparent\r\n"));
}

bool
trace_is_spoilt(const struct trace *t)
{
	return (t->parent[0] != '\0' && !t->is_valid) ||
	    (t->state != NULL && !t->state_is_valid);
}

/* "00-", 32 digits, "-", 16 digits, "-01"; neither id is all zero. */
bool
trace_may_be_made(struct text t)
{
	static const char form[] = "00-################################-"
	    "################-01";
	bool id = false, span = false;

	if (t.n != sizeof(form) - 1)
		return false;
	for (size_t i = 0; i < t.n; i++) {
		if (form[i] != '#' ? t.p[i] != form[i] :
		    t.p[i] == '\0' || strchr("0123456789abcdef", t.p[i]) ==
		    NULL)
			return false;
		if (form[i] == '#' && t.p[i] != '0')
			*(i < 36 ? &id : &span) = true;
	}
	return id && span;
}

void
trace_ids(const char *parent, char id[TRACE_ID], char span[TRACE_SPAN])
{
	(void)snprintf(id, TRACE_ID, "%s", parent + 3);
	(void)snprintf(span, TRACE_SPAN, "%s", parent + 36);
}
