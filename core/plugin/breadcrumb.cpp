#include "core/plugin/breadcrumb.hpp"

#include <sys/mman.h>

namespace triage::plugin {

std::string_view name(Callback callback) {
    switch (callback) {
        case Callback::none:
            break;
        case Callback::load:
            return "loading";
        case Callback::open:
            return "open";
        case Callback::create:
            return "create";
        case Callback::step:
            return "step";
        case Callback::destroy:
            return "destroy";
        case Callback::run:
            return "run";
        case Callback::work:
            return "blocking work";
        case Callback::close:
            return "close";
    }
    return "no callback";
}

std::shared_ptr<Breadcrumbs> map_breadcrumbs(int fd) {
    void* const memory =
        ::mmap(nullptr, sizeof(Breadcrumbs), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (memory == MAP_FAILED) return nullptr;
    return {static_cast<Breadcrumbs*>(memory),
            [](Breadcrumbs* crumbs) { ::munmap(crumbs, sizeof(Breadcrumbs)); }};
}

}  // namespace triage::plugin
