import KeelBase
import KeelEngine
import Synchronization
import Testing

struct LoginGateTests {
    private static func claim(_ user: String = "a", host: String = "mail.example.com", most: Int = 3) -> LoginGate.Claim
    {
        LoginGate.Claim(HostPort(host: host, port: 993), userName: user, most: most)
    }

    /// Counts how many are inside at the same time.
    private final class Room: Sendable {
        private let counts = Mutex((inside: 0, most: 0))
        var most: Int { counts.withLock { $0.most } }

        func visit() async {
            counts.withLock {
                $0.inside += 1
                $0.most = max($0.most, $0.inside)
            }
            for _ in 0..<20 { await Task.yield() }
            counts.withLock { $0.inside -= 1 }
        }
    }

    private static func visitors(_ gate: LoginGate, _ claims: [LoginGate.Claim]) async -> (most: Int, passed: Int) {
        let room = Room()
        let passed = await withTaskGroup(of: Bool.self) { group in
            for claim in claims { group.addTask { await gate.pass(claim) { await room.visit() } != nil } }
            return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
        return (room.most, passed)
    }

    @Test func `no more connections stand to a host than it may have`() async {
        let claims = (0..<60).map { Self.claim("user\($0)") }
        let (most, passed) = await Self.visitors(LoginGate(perHost: 4), claims)
        #expect(most <= 4)
        #expect(passed == 60)
    }

    @Test func `one mailbox gets its share, however its name is written`() async {
        let claims = (0..<30).map {
            Self.claim($0.isMultiple(of: 2) ? "Desk@example.com" : "desk@EXAMPLE.com", most: 2)
        }
        let (most, passed) = await Self.visitors(LoginGate(perHost: 10), claims)
        #expect(most <= 2)
        #expect(passed == 30)
    }

    @Test func `who waits for a mailbox keeps nobody from another`() async {
        let gate = LoginGate()
        let (opened, open) = AsyncStream<Void>.makeStream()
        let (began, begin) = AsyncStream<Void>.makeStream()
        await withTaskGroup { group in
            group.addTask {
                await gate.pass(Self.claim("a", most: 1)) {
                    begin.finish()
                    for await _ in opened {}
                }
            }
            for await _ in began {}
            group.addTask { await gate.pass(Self.claim("a", most: 1)) {} }
            // It would never come back if it stood behind the one that waits.
            _ = await gate.pass(Self.claim("b", most: 1)) {}
            open.finish()
        }
    }

    @Test func `who is cut off while it waits does not pass, and holds nothing`() async {
        let gate = LoginGate(perHost: 1)
        let (opened, open) = AsyncStream<Void>.makeStream()
        let (began, begin) = AsyncStream<Void>.makeStream()
        let holder = Task {
            await gate.pass(Self.claim("a")) {
                begin.finish()
                for await _ in opened {}
            }
        }
        for await _ in began {}
        let waiter = Task { await gate.pass(Self.claim("b")) {} != nil }
        waiter.cancel()
        #expect(await waiter.value == false)
        open.finish()
        await holder.value
        #expect(await gate.pass(Self.claim("c")) {} != nil)
    }
}
