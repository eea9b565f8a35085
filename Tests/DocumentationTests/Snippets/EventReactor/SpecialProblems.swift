import EventReactor
import Glibc

/// What Sources/EventReactor/Documentation.docc/SpecialProblems.md shows.
enum SpecialProblemsPage {
    static func closing(_ watcher: FileDescriptorWatcher) {
        watcher.cancel()
        close(watcher.descriptor)
    }

    static func cycles(_ reactor: Reactor) {
        reactor.after(.seconds(1)) { [unowned reactor] _ in reactor.stop() }
    }

    static func accepting(_ reactor: Reactor, _ watcher: FileDescriptorWatcher) {
        watcher.interest = []
        reactor.after(.milliseconds(100)) { _ in watcher.interest = .readable }
    }
}
