import KeelBase
import Synchronization

/// Lets so many connections stand at a time as servers like to see: some for each host, few for each mailbox.
///
/// Who came first goes first, unless what it waits for is not what a later one needs. One belongs to one run.
package final class LoginGate: Sendable {
    /// What a connection counts for.
    package struct Claim: Sendable, Hashable {
        let host: String
        let mailbox: String
        /// How many may stand to the mailbox, this one included.
        let most: Int

        /// Names of hosts and users are compared without case; a server that tells users apart by it is only asked
        /// more slowly.
        package init(_ endpoint: HostPort, userName: String, most: Int) {
            host = endpoint.host.lowercased()
            mailbox = "\(host) \(userName.lowercased())"
            self.most = max(1, most)
        }
    }

    private struct Waiter {
        let id: UInt64
        let claim: Claim
        let continuation: CheckedContinuation<Bool, Never>
    }

    private struct State {
        var standing: [String: Int] = [:]
        var waiting: [Waiter] = []
        var last: UInt64 = 0
        /// Those that were cancelled before they began to wait.
        var cancelled: Set<UInt64> = []
    }

    private let perHost: Int
    private let state = Mutex(State())

    package init(perHost: Int = 10) { self.perHost = max(1, perHost) }

    /// Runs `body` once the connection may stand; nil if the task was cancelled before.
    package func pass<Result>(_ claim: Claim, _ body: () async -> Result) async -> Result? {
        guard await enter(claim) else { return nil }
        let result = await body()
        leave(claim)
        return result
    }

    private func enter(_ claim: Claim) async -> Bool {
        let id = state.withLock { state in
            state.last += 1
            return state.last
        }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let answer: Bool? = state.withLock { state in
                    if state.cancelled.remove(id) != nil { return false }
                    guard !mayStand(claim, state) else {
                        Self.count(claim, 1, &state)
                        return true
                    }
                    state.waiting.append(Waiter(id: id, claim: claim, continuation: continuation))
                    return nil
                }
                if let answer { continuation.resume(returning: answer) }
            }
        } onCancel: {
            giveUp(id)
        }
    }

    private func giveUp(_ id: UInt64) {
        let waiter = state.withLock { state -> Waiter? in
            guard let index = state.waiting.firstIndex(where: { $0.id == id }) else {
                // It may not have begun to wait yet; one that stands already finds out by itself.
                state.cancelled.insert(id)
                return nil
            }
            return state.waiting.remove(at: index)
        }
        waiter?.continuation.resume(returning: false)
    }

    private func leave(_ claim: Claim) {
        let admitted = state.withLock { state in
            Self.count(claim, -1, &state)
            var admitted: [Waiter] = []
            var left: [Waiter] = []
            for waiter in state.waiting {
                guard mayStand(waiter.claim, state) else {
                    left.append(waiter)
                    continue
                }
                Self.count(waiter.claim, 1, &state)
                admitted.append(waiter)
            }
            state.waiting = left
            return admitted
        }
        for waiter in admitted { waiter.continuation.resume(returning: true) }
    }

    private func mayStand(_ claim: Claim, _ state: State) -> Bool {
        state.standing[claim.host, default: 0] < perHost && state.standing[claim.mailbox, default: 0] < claim.most
    }

    private static func count(_ claim: Claim, _ difference: Int, _ state: inout State) {
        for key in [claim.host, claim.mailbox] {
            let count = state.standing[key, default: 0] + difference
            state.standing[key] = count == 0 ? nil : count
        }
    }
}
