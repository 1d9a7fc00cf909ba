/*
 * The sending half of HTTP/1.1: calls to bytes.  Operations of a codec, as
 * codec.h says; called by its dispatch only.
 */
#ifndef HTTP_H1_SEND_H
#define HTTP_H1_SEND_H

#include "http/h1_state.h"

struct text	 h1_output(struct codec *);
void		 h1_output_done(struct codec *, size_t);
void		 h1_send_head(struct codec *, stream_id, const struct head *,
		    bool end);
void		 h1_send_body(struct codec *, stream_id, const uint8_t *,
		    size_t, bool end);
size_t		 h1_room(const struct codec *, stream_id);

#endif
