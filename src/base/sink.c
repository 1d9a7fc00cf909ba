#include "base/sink.h"
