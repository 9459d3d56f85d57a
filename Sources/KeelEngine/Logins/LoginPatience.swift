import KeelBase

/// How long a login may take, and how often it is begun again.
package struct LoginPatience: Sendable {
    /// Name resolution, connecting and the handshake together.
    package var connecting = Duration.seconds(20)
    /// Until the server has greeted. Some look up the client's name first.
    package var greeting = Duration.seconds(30)
    /// Until a command is answered, or TLS stands after STARTTLS.
    package var command = Duration.seconds(30)
    /// The whole conversation, from the greeting on.
    package var whole = Duration.seconds(90)
    /// How often a login is repeated whose failure may pass.
    package var repetitions = 2
    /// The shortest wait before a repetition, and the longest.
    package var pauses = Duration.seconds(1)...Duration.seconds(15)
    /// A number of a range; scripted in tests.
    package var random: @Sendable (ClosedRange<Double>) -> Double = { Double.random(in: $0) }
    /// Waits so long; throws when the run is cut off.
    package var sleep: @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) }

    package init() {}

    /// The wait before the next repetition, by decorrelated jitter: anywhere between the shortest wait and three times the
    /// last one, so that those which failed together do not meet again.
    func pause(after last: Duration?) -> Duration {
        let shortest = pauses.lowerBound
        let longest = max(shortest, min((last ?? shortest) * 3, pauses.upperBound))
        return shortest + (longest - shortest) * random(0...1)
    }
}
