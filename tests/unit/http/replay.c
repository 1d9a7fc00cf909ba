/*
 * Replays byte streams through a codec: reads lines of hexadecimal from
 * standard input and writes one line for each,
 *
 *	HEADS ENDS OUTCOME SPLIT
 *
 * the heads and the complete messages that came out, "clean", "more" (the
 * codec waits) or the error, and "same" or "differs": whether the stream
 * byte by byte gave the same events.
 *
 * Usage: replay server|client
 */
#include <stdio.h>
#include <stdlib.h>

#include "trace.h"

static const char *outcome;

static void
open_stream(struct trace *t, bool server)
{
	stream_id s;

	if (server)
		return;
	s = trace_open(t);
	trace_request(t, s, "GET", "/", BODY_NONE, 0, true);
	trace_output(t);
}

/* What came out of one way to feed the bytes, as text for the caller. */
static char *
replay(const char *p, size_t n, bool server, size_t step, char *summary)
{
	struct trace t;
	char *events;

	trace_init(&t, h1_codec_new, server ? CODEC_SERVER : CODEC_CLIENT,
	    (struct trace_habits){ .credit = 1 << 30, .answer = server,
	    .answer_refused = server }, NULL);
	open_stream(&t, server);
	for (size_t at = 0; at < n; at += step)
		trace_feed(&t, p + at, n - at < step ? n - at : step);
	outcome = codec_held(t.codec) != 0 || (codec_state(t.codec) ==
	    CODEC_BUSY) ? "more" : "clean";
	events = strdup(trace_take(&t));
	if (strstr(events, " reset ") != NULL)
		outcome = "error";
	if (summary != NULL)
		sprintf(summary, "%u %u %s", t.n_requests, t.n_ends, outcome);
	trace_release(&t);
	return events;
}

static size_t
unhex(char *line)
{
	size_t n = 0;
	unsigned byte;

	for (char *p = line; sscanf(p, "%2x", &byte) == 1; p += 2)
		line[n++] = (char)byte;
	return n;
}

int
main(int argc, char **argv)
{
	bool server = argc == 2 && strcmp(argv[1], "server") == 0;
	char *line = NULL, summary[100];
	size_t size = 0;

	while (getline(&line, &size, stdin) > 0) {
		size_t n = unhex(line);
		char *bytes = malloc(n + 1);
		char *whole, *single;

		memcpy(bytes, line, n);
		whole = replay(bytes, n, server, n + 1, summary);
		single = replay(bytes, n, server, 1, NULL);
		printf("%s %s\n", summary,
		    strcmp(whole, single) == 0 ? "same" : "differs");
		if (getenv("REPLAY_EVENTS") != NULL)
			fprintf(stderr, "%s--\n%s", whole,
			    strcmp(whole, single) == 0 ? "" : single);
		free(whole);
		free(single);
		free(bytes);
	}
	free(line);
	return 0;
}
