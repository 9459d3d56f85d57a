import KeelVault

/// Which refresh token to try next, and when to stop: decided without I/O.
///
/// The newest one first, always. The others have their turn only where it is in doubt which one the provider takes: where a
/// rotation was interrupted, or an answer was lost. Otherwise an older one can only harm, for a provider that detects reuse
/// takes it for a thief's and revokes what is good.
package struct RotationCourse: Sendable {
    /// What became of a request.
    package enum Outcome: Sendable, Equatable {
        /// It may have arrived, and nothing came back.
        case lost
        /// An answer came that says nothing of the token, after which the provider may have rotated it all the same.
        case doubtful
        /// The token was not judged, and is not rotated.
        case notJudged
        /// The token was refused. `mayPass`: by a code that stands for much, passing trouble among it.
        case refused(mayPass: Bool)
        /// It may be the token that was refused, or the client.
        case ambiguous
    }

    package enum Step: Sendable, Equatable {
        /// Ask with the token at this place.
        case ask(Int)
        /// Wait a little, then ask with it.
        case askLater(Int)
        /// `isInDoubt`: the provider may have issued a token that nobody here has seen. `isRefused`: it took none.
        case stop(isInDoubt: Bool, isRefused: Bool)
    }

    private let count: Int
    private var asked: Set<Int> = [0]
    private var isInDoubt: Bool
    private var hasRepeated = false
    private var hasTriedAgain = false

    /// For `count` tokens in the order in which to try them, after a look at what was interrupted. The first is asked first.
    package init(count: Int, isInDoubt: Bool) {
        self.count = count
        self.isInDoubt = isInDoubt
    }

    /// What to do after asking with the token at `index`.
    package mutating func next(after outcome: Outcome, of index: Int) -> Step {
        switch outcome {
        case .lost:
            isInDoubt = true
            // At once, for most servers take the token again for a moment; and once, for the rest count how often it comes.
            guard !hasRepeated else { return .stop(isInDoubt: true, isRefused: false) }
            hasRepeated = true
            return .ask(index)
        case .doubtful: return .stop(isInDoubt: true, isRefused: false)
        case .notJudged: return .stop(isInDoubt: isInDoubt, isRefused: false)
        case .ambiguous:
            return isInDoubt
                ? other() ?? .stop(isInDoubt: true, isRefused: true) : .stop(isInDoubt: false, isRefused: false)
        case .refused(let mayPass):
            if isInDoubt, let other = other() { return other }
            guard mayPass, !hasTriedAgain else { return .stop(isInDoubt: isInDoubt, isRefused: true) }
            hasTriedAgain = true
            return .askLater(0)
        }
    }

    private mutating func other() -> Step? {
        guard let index = (0..<count).first(where: { !asked.contains($0) }) else { return nil }
        asked.insert(index)
        return .ask(index)
    }
}
