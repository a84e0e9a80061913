"use strict";self.missionControl={say(t){document.getElementById("status").textContent=t}};
