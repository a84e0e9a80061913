#include "core/plugin/breadcrumb.hpp"

namespace triage::plugin {

std::string_view name(Callback callback) {
    switch (callback) {
        case Callback::none: break;
        case Callback::load: return "loading";
        case Callback::open: return "open";
        case Callback::create: return "create";
        case Callback::step: return "step";
        case Callback::destroy: return "destroy";
        case Callback::run: return "run";
        case Callback::work: return "blocking work";
        case Callback::close: return "close";
    }
    return "no callback";
}

}  // namespace triage::plugin
