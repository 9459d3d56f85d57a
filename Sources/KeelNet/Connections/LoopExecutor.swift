import NIOCore

/// Runs tasks on an event loop, beside the connections that it serves.
///
/// What such a task waits for there is done by its own thread, and wakes nobody. It must not block.
final class LoopExecutor: TaskExecutor {
    private let loop: any EventLoop

    init(_ loop: any EventLoop) { self.loop = loop }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        loop.execute { unsafe job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }
}
