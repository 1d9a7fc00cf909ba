/*
 * TLS with clients; see accept.h.
 */
#include "accept.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <event2/event.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/secret.h"
#include "client.h"
#include "clock.h"
#include "dice.h"
#include "history.h"
#include "link.h"
#include "net/timer.h"
#include "net/tls_accept.h"
#include "oracle_way.h"
#include "parent.h"
#include "setting.h"
#include "socket.h"
#include "way.h"
#include "worker.h"

/* -- net/tls_server.h -- */

struct tls_server {
	unsigned users;
	bool required;
};

struct tls_server *
tls_server_new(const struct tls_server_conf *conf, char *why, size_t why_size)
{
	struct tls_server *s = xcalloc(1, sizeof(*s));

	(void)why;
	(void)why_size;
	s->users = 1;
	s->required = conf->required;
	return s;
}

struct tls_server *
tls_server_share(struct tls_server *s)
{
	s->users++;
	return s;
}

void
tls_server_free(struct tls_server *s)
{
	if (s != NULL && --s->users == 0)
		free(s);
}

/* There is no key that OpenSSL could have left. */
void
secret_scrub_heap(void)
{
}

/* -- handshakes: net/tls_accept.h -- */

struct tls_accept {
	struct wire *wire;
	const struct way *way;
	struct tls_server *server;
	struct event *readable;
	struct timer deadline;
	struct errand end;
	tls_accept_done *done;
	void *owner;
	size_t left;			/* bytes of it that did not come */
	enum tls_accept_result result;
};

/* The descriptor is somebody else's, or closed. */
static void
forget(struct tls_accept *a)
{
	event_free(a->readable);
	timer_end(&a->deadline);
	errand_clear(&a->end);
	tls_server_free(a->server);
	free(a);
}

static char *
copy(const char *s)
{
	size_t n = strlen(s) + 1;

	return memcpy(xmalloc(n), s, n);
}

static void
read_names(const struct wire *w, const struct way *way,
    struct cert_names *names)
{
	const char *name = setting_certificate_name(way->certificate);
	char subject[32];

	(void)snprintf(subject, sizeof(subject), ACCEPT_SUBJECT "%u",
	    w->number);
	*names = (struct cert_names){ .subject = copy(subject),
	    .issuer = copy("CN=authority"), .until = way->until };
	if (strncmp(name, "dns:", 4) != 0) {
		names->uri = copy(name);
		return;
	}
	names->dns = xcalloc(1, sizeof(*names->dns));
	names->dns[names->n_dns++] = copy(name + 4);
}

/* Everything of it is gone when the owner is called. */
static void
finish(struct tls_accept *a, enum tls_accept_result result)
{
	static const char *const words[] = { "done", "the client speaks plain "
	    "HTTP", "no TLS with this client", "takes too long", "the client "
	    "is gone" };
	struct wire *w = a->wire;
	struct cert_names names = { .uri = NULL };
	struct tls_accepted t = { .result = result, .fd = -1,
	    .why = words[result] };
	tls_accept_done *done = a->done;
	void *done_owner = a->owner;

	history("wire %u: TLS handshake: %s", w->number, words[result]);
	if (result == TLS_ACCEPT_OK || result == TLS_ACCEPT_PLAIN)
		t.fd = socket_fd(w);
	else
		close(socket_fd(w));
	if (result == TLS_ACCEPT_PLAIN)
		oracle_on_plain(w);
	if (result == TLS_ACCEPT_OK) {
		w->shaken = true;
		t.ssl = link_ssl(w);
		if (a->way->certificate != NO_CERTIFICATE) {
			read_names(w, a->way, &names);
			t.names = &names;
		}
	}
	forget(a);
	done(done_owner, &t);
	cert_names_release(&names);
}

static void
on_late(void *owner)
{
	finish(owner, TLS_ACCEPT_TIMEOUT);
}

static void
on_end(void *owner)
{
	struct tls_accept *a = owner;

	finish(a, a->result);
}

/* It is decided, and nothing more is read. */
static void
end(struct tls_accept *a, enum tls_accept_result result, int64_t ns)
{
	a->result = result;
	a->wire->decided = true;
	(void)event_del(a->readable);
	errand_set(&a->end, ns);
}

/* All of it came: there is a certificate, or need be none. */
static enum tls_accept_result
judge(const struct tls_accept *a)
{
	const struct way *way = a->way;

	if (way->fails || (way->certificate == NO_CERTIFICATE ?
	    a->server->required : way_is_over(way)))
		return TLS_ACCEPT_FAILED;
	return TLS_ACCEPT_OK;
}

/* At times the client is far away, or has much to compute. */
static int64_t
some_time(void)
{
	return dice_between(0, dice_one_in(6) ? NS_PER_S : 30 * NS_PER_MS);
}

/* The first byte tells plain text from TLS, and is not read then. */
static bool
begins(struct tls_accept *a)
{
	const struct buf *in = &a->wire->in;
	const uint8_t *p = buf_data(in);

	if (buf_len(in) == 0 || a->left != a->way->hello_n || *p == 0x16)
		return true;
	end(a, *p >= 'A' && *p <= 'Z' ? TLS_ACCEPT_PLAIN : TLS_ACCEPT_FAILED,
	    0);
	return false;
}

static void
accept_on_readable(evutil_socket_t fd, short what, void *owner)
{
	struct tls_accept *a = owner;
	char some[64];
	ssize_t n;

	(void)what;
	if (!begins(a))
		return;
	n = recv((int)fd, some, a->left < sizeof(some) ? a->left :
	    sizeof(some), 0);
	if (n == -1 && errno == EAGAIN)
		return;
	if (n <= 0)
		end(a, a->left == a->way->hello_n ? TLS_ACCEPT_GONE :
		    TLS_ACCEPT_FAILED, 0);
	else if ((a->left -= (size_t)n) == 0)
		end(a, judge(a), some_time());
}

struct tls_accept *
tls_accept_start(struct loop *loop, struct tls_server *server, int fd,
    int64_t ms, tls_accept_done *done, void *owner)
{
	struct tls_accept *a = xcalloc(1, sizeof(*a));
	struct wire *w = socket_wire(fd);

	must(w != NULL && w->shakes_ns == 0 && !w->served,
	    "a handshake with nobody, or with one who had one");
	oracle_on_handshake(w);
	w->shakes_ns = clock_now();
	w->trust = worker_trust(w->worker, w->listener);
	w->judged_by = worker_judges_by(w->worker, w->listener);
	w->decided_turns = parent_turns(w->listener);
	a->wire = w;
	a->way = client_way(w);
	a->left = a->way->hello_n;
	a->server = tls_server_share(server);
	a->done = done;
	a->owner = owner;
	timer_init(&a->deadline, loop, on_late, a);
	timer_set(&a->deadline, ms);
	errand_init(&a->end, on_end, a);
	a->end.base = loop_base(loop);
	a->readable = event_new(loop_base(loop), fd, EV_READ | EV_PERSIST,
	    accept_on_readable, a);
	event_add(a->readable, NULL);
	return a;
}

void
tls_accept_undo(struct loop *loop, const struct tls_accepted *t)
{
	(void)loop;
	close(t->fd);
}

void
tls_accept_cancel(struct tls_accept *a)
{
	int fd;

	if (a == NULL)
		return;
	fd = socket_fd(a->wire);
	forget(a);
	close(fd);
}
