/*
 * The operations that a protocol implements to be a codec, as described in
 * codec.h.  The first member of its struct is a struct codec.
 */
#ifndef HTTP_CODEC_OPS_H
#define HTTP_CODEC_OPS_H

#include "http/codec.h"

struct codec_ops {
	void		 (*free)(struct codec *);
	void		 (*input)(struct codec *, const uint8_t *, size_t);
	void		 (*input_eof)(struct codec *, bool clean);
	bool		 (*has_events)(const struct codec *);
	bool		 (*wants_input)(const struct codec *);
	struct text	 (*output)(struct codec *);
	void		 (*output_done)(struct codec *, size_t);
	const char	*(*complaint)(const struct codec *);
	stream_id	 (*refuse)(struct codec *, struct head *);
	void		 (*own)(struct codec *, stream_id,
			    const struct stream_events *, void *);
	stream_id	 (*open)(struct codec *, const struct stream_events *,
			    void *);
	void		 (*send_head)(struct codec *, stream_id,
			    const struct head *, bool end);
	void		 (*send_body)(struct codec *, stream_id,
			    const uint8_t *, size_t, bool end);
	size_t		 (*room)(const struct codec *, stream_id);
	void		 (*credit)(struct codec *, stream_id, size_t);
	void		 (*reset)(struct codec *, stream_id,
			    enum codec_reason);
	void		 (*drain)(struct codec *);
	enum codec_state (*state)(const struct codec *);
	size_t		 (*held)(const struct codec *);
};

struct codec {
	const struct codec_ops *ops;
};

#endif
