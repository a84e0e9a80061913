/* Has the note of a plugin, but not its entry. */
#include <triage/abi.h>
TRIAGE_NOTE("no-entry", "1.0.0", "");
