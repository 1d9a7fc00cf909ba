/*
 * The failure of a stream in words; see stream_fault.h.
 */
#include "upstream/stream_fault.h"

#include <stdio.h>

static const char *
codec_error_text(enum codec_error why)
{
	switch (why) {
	case CODEC_HEAD_TOO_LARGE:
		return "the response head is too large";
	case CODEC_TOO_MANY_INTERIM:
		return "too many interim responses";
	case CODEC_TRUNCATED:
		return "the connection ended before the response did";
	case CODEC_CANCELLED:
	case CODEC_REFUSED:
		return "the stream was reset";
	case CODEC_UNEXPECTED:
		return STREAM_FAULT_EARLY;
	case CODEC_OK:
	case CODEC_BAD_MESSAGE:
	case CODEC_TARGET_TOO_LONG:
		break;
	}
	return "the response is not strictly valid HTTP";
}

/* A proxy that does not answer keeps the upstream from being reached. */
enum fault
stream_fault_of_dial(enum dial_result r)
{
	switch (r) {
	case DIAL_TLS:
		return FAULT_UPSTREAM_TLS;
	case DIAL_TIMEOUT:
		return FAULT_UPSTREAM_TIMEOUT;
	case DIAL_OK:
	case DIAL_UNREACHABLE:
	case DIAL_STALLED:
		break;
	}
	return FAULT_UPSTREAM_UNREACHABLE;
}

/*
 * With TLS 1.3, a server that wants a certificate of us, or another one, says
 * so only after the handshake.
 */
enum fault
stream_fault(struct connection *c, enum codec_error why, char *text,
    size_t size)
{
	const char *complaint = codec_complaint(connection_codec(c));

	if (connection_tls_failure(c, text, size))
		return FAULT_UPSTREAM_TLS;
	(void)snprintf(text, size, "%s", complaint != NULL ? complaint :
	    codec_error_text(why));
	return FAULT_UPSTREAM_PROTOCOL;
}
