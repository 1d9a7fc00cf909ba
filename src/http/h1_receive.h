/*
 * The receiving half of HTTP/1.1: bytes to events.  Operations of a codec, as
 * codec.h says; called by its dispatch only.
 */
#ifndef HTTP_H1_RECEIVE_H
#define HTTP_H1_RECEIVE_H

#include "http/h1_state.h"

void		 h1_input(struct codec *, const uint8_t *, size_t);
void		 h1_input_eof(struct codec *, bool clean);
bool		 h1_has_events(const struct codec *);
bool		 h1_wants_input(const struct codec *);
size_t		 h1_held(const struct codec *);
void		 h1_credit(struct codec *, stream_id, size_t);
stream_id	 h1_refuse(struct codec *, struct head *);

#endif
