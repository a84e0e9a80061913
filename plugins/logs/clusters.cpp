#include "clusters.hpp"

#include <algorithm>
#include <unordered_set>

#include "mask.hpp"

namespace logs {
namespace {

constexpr std::size_t max_head = 1024, max_cause = 1024;
constexpr std::string_view server_copy = "Exception in ASGI application";

/// A cause may have several lines; what it is shows in the first. An id that the application
/// appends to its last line would make each of them another one.
std::string_view first_line(std::string_view cause) { return cause.substr(0, cause.find('\n')); }

/// 0 for what nothing gives a name.
std::uint64_t kind_of(int signature, int match) {
    const auto kind =
        static_cast<std::uint64_t>(signature + 1) << 32U | static_cast<std::uint64_t>(match + 1);
    return kind * 0x9E3779B97F4A7C15ULL;
}

}  // namespace

Cluster* Clusters::place(std::uint64_t key, std::uint64_t kind) {
    if (const auto found = clusters_.find(key); found != clusters_.end()) return &found->second;
    if (clusters_.size() < max_clusters) return &clusters_[key];
    return kind == 0 ? nullptr : &clusters_[kind];  // a flood of others must not hide what it is
}

void Clusters::add(const Event& event, std::size_t source) {
    const auto head = event.head.substr(0, max_head);
    const auto cause = first_line(event.cause);
    const auto cause_hash = cause.empty() ? 0 : likeness(cause.substr(0, max_head));
    const auto kind = kind_of(event.signature, event.match);
    ++events_;
    auto* cluster = place(likeness(head) ^ (cause_hash * 31) ^ kind, kind);
    if (cluster == nullptr) {
        ++beyond_;
        return;
    }
    if (cluster->count++ == 0) {
        cluster->signature = event.signature;
        cluster->match = event.match;
        cluster->cause_hash = cause_hash;
        cluster->head = head;
        cluster->cause = event.cause;
        cluster->sample = event.text.substr(0, max_head);
        cluster->sample.append(event.cause.empty() ? event.more : "\n");
        cluster->sample.append(event.cause.substr(0, max_cause));
        cluster->server_copy = head.contains(server_copy);
        cluster->first_order = event.order;
        cluster->sources.push_back(source);
    }
    cluster->last_order = event.order;
    cluster->critical |= event.critical;
    if (!event.at) {
        ++cluster->undated;
        return;
    }
    if (!cluster->first || *event.at < *cluster->first) cluster->first = event.at;
    if (!cluster->last || *event.at > *cluster->last) cluster->last = event.at;
}

void Clusters::merge(const Clusters& other) {
    events_ += other.events_;
    beyond_ += other.beyond_;
    for (const auto& [key, from] : other.clusters_) {
        auto* to = place(key, kind_of(from.signature, from.match));
        if (to == nullptr) {
            beyond_ += from.count;
            continue;
        }
        if (to->count == 0) {
            *to = from;
            continue;
        }
        to->count += from.count;
        to->undated += from.undated;
        to->critical |= from.critical;
        if (from.first && (!to->first || *from.first < *to->first)) to->first = from.first;
        if (from.last && (!to->last || *from.last > *to->last)) to->last = from.last;
        for (const auto source : from.sources)
            if (std::ranges::find(to->sources, source) == to->sources.end())
                to->sources.push_back(source);
    }
}

std::vector<const Cluster*> Clusters::all() const {
    std::unordered_set<std::uint64_t> logged;
    for (const auto& [key, cluster] : clusters_)
        if (!cluster.server_copy && cluster.cause_hash != 0) logged.insert(cluster.cause_hash);
    std::vector<const Cluster*> out;
    for (const auto& [key, cluster] : clusters_)
        if (!cluster.server_copy || !logged.contains(cluster.cause_hash)) out.push_back(&cluster);
    std::ranges::sort(out, [](const Cluster* a, const Cluster* b) {
        if (a->count != b->count) return a->count > b->count;
        return std::tie(a->head, a->cause) < std::tie(b->head, b->cause);
    });
    return out;
}

}  // namespace logs
