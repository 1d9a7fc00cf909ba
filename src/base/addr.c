#include "base/addr.h"
