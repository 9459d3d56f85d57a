import KeelBase
import KeelEngine
import KeelTestSupport
import KeelVault
import Testing

struct RenewalScheduleTests {
    private let now = Timestamp(seconds: 1_800_000_000)

    private func schedule(
        _ seed: String, margin: Int = 600, horizon: Int64? = nil, type: GrantType = .authorizationCode
    ) throws -> RenewalSchedule {
        var recipe = try RenewalRig.recipe("lead@example.com")
        recipe.grantType = type
        recipe.marginSeconds = margin
        recipe.refreshTokenLifetime = horizon
        return RenewalSchedule(recipe, seed: seed)
    }

    @Test(arguments: [(3600, 600), (86_400, 600), (300, 60), (5, 1), (0, 0)])
    func `a token is renewed before its margin, and not before a tenth of its life more`(
        _ life: Int64, _ margin: Int64
    ) throws {
        for number in 0..<100 {
            let expires = now.adding(seconds: life)
            let due = try schedule("grant\(number)").due(forUse: expires, obtained: now)
            #expect(due <= expires.adding(seconds: -margin))
            #expect(due >= expires.adding(seconds: -margin - life / 10))
        }
    }

    @Test func `five hundred grants of one minute are due in as many seconds as there are`() throws {
        let dues = try (0..<500).map {
            try schedule("grant\($0)").due(forUse: now.adding(seconds: 3600), obtained: now)
        }
        let most = Dictionary(grouping: dues) { $0 }.values.map(\.count).max() ?? 0
        #expect(Set(dues).count > 250)
        #expect(most <= 8)
        #expect(try dues[7] == schedule("grant7").due(forUse: now.adding(seconds: 3600), obtained: now))
    }

    @Test func `a grant that nobody uses is kept alive at a third of its life`() throws {
        for (horizon, assumed) in [(Int64?.none, RenewalSchedule.carefulLifetime), (90 * 86_400, 90 * 86_400)] {
            let due = try #require(try schedule("grant", horizon: horizon).dueToKeepAlive(from: now))
            #expect(due <= now.adding(seconds: assumed / 3))
            #expect(due > now.adding(seconds: assumed / 3 - assumed / 30))
        }
        for type in [GrantType.clientCredentials, .jwtBearer, .password] {
            #expect(try schedule("grant", type: type).dueToKeepAlive(from: now) == nil)
        }
    }

    @Test func `a token in use is renewed in time, and one that is only kept alive seldom`() async throws {
        try await RenewalRig.run(.staying, horizon: 90 * 86_400) { rig in
            rig.base.clock.advance(seconds: 3000)
            try await rig.renew(.due(by: rig.base.clock.now))
            let asleep = try #require(try await rig.record().renewalDue)
            #expect(asleep > rig.base.clock.now.adding(seconds: 20 * 86_400))
            #expect(try await rig.record().refreshHorizon == rig.base.clock.now.adding(seconds: 90 * 86_400))
            // Somebody takes the token: the next one will be there in time.
            _ = try await rig.tokens.accessToken(of: EngineRig.alpha, in: rig.vault, actor: "alice@desk")
            let awake = try #require(try await rig.record().renewalDue)
            #expect(awake < rig.base.clock.now.adding(seconds: 3001))
            #expect(rig.sent.count == 1)
        }
    }

    @Test func `a life that becomes shorter than the margin is no reason to renew at each call`() async throws {
        try await RenewalRig.run(.staying) { rig in
            try rig.lapse()
            rig.provider.issue(for: 100)
            try await rig.renew()
            rig.base.clock.advance(seconds: 50)
            #expect(try await rig.renew() == "access-2")
        }
    }
}

struct RotationCourseTests {
    /// What became of each request, and what is done then.
    struct Course: Sendable {
        let tokens: Int
        let isInDoubt: Bool
        let outcomes: [RotationCourse.Outcome]
        let steps: [RotationCourse.Step]
    }

    static let courses = [
        Course(tokens: 2, isInDoubt: false, outcomes: [.notJudged], steps: [.stop(isInDoubt: false, isRefused: false)]),
        Course(tokens: 2, isInDoubt: false, outcomes: [.doubtful], steps: [.stop(isInDoubt: true, isRefused: false)]),
        Course(
            tokens: 2, isInDoubt: false, outcomes: [.refused(mayPass: false)],
            steps: [.stop(isInDoubt: false, isRefused: true)]),
        Course(
            tokens: 2, isInDoubt: false, outcomes: [.refused(mayPass: true), .refused(mayPass: true)],
            steps: [.askLater(0), .stop(isInDoubt: false, isRefused: true)]),
        Course(
            tokens: 2, isInDoubt: false, outcomes: [.lost, .lost],
            steps: [.ask(0), .stop(isInDoubt: true, isRefused: false)]),
        Course(
            tokens: 1, isInDoubt: false, outcomes: [.lost, .refused(mayPass: false)],
            steps: [.ask(0), .stop(isInDoubt: true, isRefused: true)]),
        Course(
            tokens: 3, isInDoubt: true,
            outcomes: [.refused(mayPass: false), .refused(mayPass: false), .refused(mayPass: false)],
            steps: [.ask(1), .ask(2), .stop(isInDoubt: true, isRefused: true)]),
        Course(
            tokens: 2, isInDoubt: true, outcomes: [.ambiguous, .ambiguous],
            steps: [.ask(1), .stop(isInDoubt: true, isRefused: true)]),
        Course(tokens: 2, isInDoubt: false, outcomes: [.ambiguous], steps: [.stop(isInDoubt: false, isRefused: false)]),
        Course(
            tokens: 2, isInDoubt: true, outcomes: [.notJudged], steps: [.stop(isInDoubt: true, isRefused: false)]),
    ]

    @Test(arguments: courses.indices)
    func `the newest token has its turn first, the others only in doubt`(_ index: Int) {
        let course = Self.courses[index]
        var machine = RotationCourse(count: course.tokens, isInDoubt: course.isInDoubt)
        var asked = 0
        for (outcome, expected) in zip(course.outcomes, course.steps) {
            let step = machine.next(after: outcome, of: asked)
            #expect(step == expected)
            if case .ask(let next) = step { asked = next }
            if case .askLater(let next) = step { asked = next }
        }
    }

    @Test func `it always ends, after few requests`() {
        var random = SystemRandomNumberGenerator()
        let outcomes: [RotationCourse.Outcome] = [
            .lost, .doubtful, .notJudged, .refused(mayPass: true), .refused(mayPass: false), .ambiguous,
        ]
        for _ in 0..<1000 {
            let count = Int.random(in: 1...5, using: &random)
            var machine = RotationCourse(count: count, isInDoubt: Bool.random(using: &random))
            var requests = 1
            var index = 0
            while let outcome = outcomes.randomElement(using: &random) {
                let step = machine.next(after: outcome, of: index)
                if case .stop = step { break }
                if case .ask(let next) = step { index = next }
                if case .askLater(let next) = step { index = next }
                requests += 1
            }
            #expect(requests <= count + 2)
        }
    }
}
