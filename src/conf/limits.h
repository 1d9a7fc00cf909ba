/* The limits of a configuration, in words for messages. */
#ifndef CONF_LIMITS_H
#define CONF_LIMITS_H

#include "conf/conf.h"
#include "http/codec.h"

struct codec_limits	limits_of_codec(const struct conf_limits *);

#endif
