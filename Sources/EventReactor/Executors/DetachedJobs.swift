/// Jobs whose reactor is gone.
///
/// They run one at a time in the whole process, so that an actor that lived on a reactor stays isolated.
final class DetachedJobs: Sendable {
    private struct Waiting {
        var jobs: [(job: UnownedJob, handle: ReactorHandle)] = []
        var isRunning = false
    }

    private let waiting = Locked(Waiting())

    func add(_ job: UnownedJob, of handle: ReactorHandle) {
        let starts = waiting.withLock { waiting in
            waiting.jobs.append((job, handle))
            return !exchange(&waiting.isRunning, with: true)
        }
        // Not here: code that resumes a task does not expect the task to run within that call.
        if starts { Task.detached(executorPreference: globalConcurrentExecutor) { [self] in runAll() } }
    }

    private func runAll() {
        while true {
            let jobs = waiting.withLock { waiting in
                waiting.isRunning = !waiting.jobs.isEmpty
                return exchange(&waiting.jobs, with: [])
            }
            if jobs.isEmpty { return }
            for (job, handle) in jobs { handle.run(job) }
        }
    }
}

let detachedJobs = DetachedJobs()
