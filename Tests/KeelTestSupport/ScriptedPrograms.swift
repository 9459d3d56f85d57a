import KeelBase
import Synchronization

/// Programs that a test answers for; it remembers what was run.
package final class ScriptedPrograms: ProcessRunner {
    package typealias Handler = @Sendable (ProcessRequest) async throws(ProcessFailure) -> ProcessResult

    private struct State {
        var requests: [ProcessRequest] = []
        var handler: Handler
    }

    private let state: Mutex<State>

    /// There is no program, until the test says otherwise.
    package init(
        _ handler: @escaping Handler = { request throws(ProcessFailure) in
            throw ProcessFailure(.notFound, "there is no program \(request.command.first ?? "")")
        }
    ) {
        state = Mutex(State(handler: handler))
    }

    /// Runs from now on.
    package func respond(_ handler: @escaping Handler) { state.withLock { $0.handler = handler } }

    /// What was run, in order.
    package var requests: [ProcessRequest] { state.withLock { $0.requests } }

    package func run(_ request: ProcessRequest) async throws(ProcessFailure) -> ProcessResult {
        let handler = state.withLock { state in
            state.requests.append(request)
            return state.handler
        }
        return try await handler(request)
    }
}

extension ProcessResult {
    /// What a program that ended well printed.
    package static func printing(_ text: String) -> ProcessResult {
        ProcessResult(ending: .exited(0), output: Secret(copying: text), complaint: ForeignText(""))
    }
}
