// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// What must hold in every history, whatever the faults. Each returns its violations as text.

#pragma once

#include <set>
#include <string>
#include <vector>

#include "tests/sim/world.h"

namespace watchfire::sim {

// (1) No lost page: after the faults end and time enough has passed, every alert that fires and is
// not inhibited stands as firing in the last message its receivers took (where on-call has a
// fallback, its pager is dead and the fallback's count), and none that is over does.
std::vector<std::string> CheckNoLostPage(World& world);

// (2) No duplicate: two answered messages of one life that say the same lie at least
// repeat_interval apart.
std::vector<std::string> CheckNoDuplicate(World& world);

// (3) Resolved only after firing: a receiver hears of the end only of what it may have heard begin.
std::vector<std::string> CheckResolvedAfterFiring(World& world);

// (4) Nobody is paged after an ack: while somebody has the incident in hand, no pager is told once
// more what it took before. The world is strict.
std::vector<std::string> CheckNoPageAfterAck(World& world);

// (5) What was promised durable is there: whatever a person did and was told is done stands in the
// timeline.
std::vector<std::string> CheckPromisedActs(World& world);

// (11) What nobody has in hand any more is paged: after an ack or a snooze ran out, the pager is
// told of whatever fires. The world is healthy.
std::vector<std::string> CheckReturnsArePaged(World& world);

// (6) Neither a restart nor a reload says anything that was said, when nothing changes: runs the
// world through both. The world is healthy.
std::vector<std::string> CheckQuietRestart(World& world);

// (7) The delivery contract: a page that a silence held back leaves as soon as that ends. Makes and
// ends one; the world is healthy and strict.
std::vector<std::string> CheckPromptAfterSilence(World& world);

// (8) The delivery contract: a reload that leads every alert to another receiver tells those of old
// nothing but the ends, in the groups that they know. Reloads, crashes, and ends every alert; the
// world is healthy and strict, and different afterwards.
std::vector<std::string> CheckEndsAfterRerouting(World& world);

// (9) A page arrives: when the pager of on-call is dead for good, its fallback has the page of a
// new alert kPatience after on-call should have had it, though the process dies meanwhile.
// `is_refusing`: the pager says so at once, and so does the fallback hear of it. Makes and ends an
// alert; the world is healthy but for that pager.
std::vector<std::string> CheckFallbackInTime(World& world, bool is_refusing);

// (10) A vendor that hangs holds up no other: begins and ends alerts for a while, and every other
// receiver has each page as soon as if nothing were amiss. The world is new and without faults.
std::vector<std::string> CheckHungHoldsUpNobody(World& world);

// Somebody resolved the group by hand, which is his to do though no vendor may have taken a page of
// it, and nothing of what fires now, these names, began since: that would be news.
bool IsClosedByHand(const World& world, const std::string& group_key,
                    const std::set<std::string>& firing);

// (12) No step twice (timelines.h), on the timeline of any incident.
std::vector<std::string> CheckStepsOnce(World& world);

// (13) Whoever is called by name is told (timelines.h). The world has been healthy for a while, and
// has a roster.
std::vector<std::string> CheckCalls(World& world);

// Liveness: nothing is stuck once the world is healthy.
std::vector<std::string> CheckDrained(World& world);

}  // namespace watchfire::sim
