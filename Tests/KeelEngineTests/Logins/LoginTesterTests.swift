import Dispatch
import KeelBase
import KeelDiagnostics
import KeelEngine
import KeelMail
import KeelPlan
import KeelTestSupport
import Synchronization
import Testing

struct LoginTesterTests {
    private static let address = ResourceAddress(.emailAccount, "desk")
    private static let token = MailLogin.Credential.accessToken(Secret(copying: "CANARY-token"))
    private static let password = MailLogin.Credential.password(Secret(copying: "CANARY-password"))

    private static func imap(debug: Bool = false) -> TestWork {
        TestWork(
            type: .imap, endpoint: HostPort(host: "imap.example.com", port: 993),
            login: .grant(authorization: .authorization(profile: "own", subject: "(app)")), mechanism: .xoauth2,
            userName: "desk@example.com", debug: debug)
    }

    private static let smtp = TestWork(
        type: .smtp, endpoint: HostPort(host: "smtp.example.com", port: 587), security: .starttls, login: .none,
        userName: "desk@example.com", sender: "desk@example.com")

    /// A tester whose pauses take no time.
    private static func tester(
        _ server: any StreamDialer, transcripts: WireTranscripts? = nil,
        change: (inout LoginPatience) -> Void = { _ in }
    ) -> LoginTester {
        var patience = LoginPatience()
        patience.sleep = { _ in }
        patience.random = { $0.upperBound }
        change(&patience)
        return LoginTester(
            dialer: server, explanation: FailureExplanation { _, _ in nil }, patience: patience,
            transcripts: transcripts)
    }

    // MARK: What is told

    @Test func `a login is reported stage by stage`() async throws {
        let tls = TLSFacts(version: .tls13, chain: [], endPoint: nil)
        let peer = HostPort(host: "192.0.2.1", port: 993)
        let server = TalkingServer(
            .welcoming,
            opening: StreamOpening(peer: peer, resolving: .milliseconds(2), handshake: .milliseconds(3), tls: tls))
        let stages = StageList()
        var tester = Self.tester(server)
        tester.watch = { stages.add($1) }
        let trial = await tester.login(Self.imap(), credential: Self.token, for: Self.address)
        #expect(try trial.outcome.get().command == "EXAMINE INBOX")
        #expect(trial.report.stages.map(\.outcome) == Array(repeating: .ok, count: 7))
        #expect(trial.attempts == 1)
        #expect(trial.facts.tls == tls)
        #expect(trial.facts.offer?.mechanisms == ["XOAUTH2"])
        #expect(trial.facts.offer?.capabilities.contains("IDLE") == true)
        #expect(stages.all.first == .dns)
        #expect(stages.all.last == .proof)
    }

    @Test func `a failure says its stage, the server's words, what it means and whose move it is`() async throws {
        let server = TalkingServer(.imap { "\($0) NO [AUTHORIZATIONFAILED] not this one\r\n" })
        let trial = await Self.tester(server).login(Self.imap(), credential: Self.token, for: Self.address)
        let failure = try #require(trial.failure)
        #expect(failure.stage == .auth)
        #expect(failure.weight == .unproven)
        #expect(failure.diagnostic.code == "mail.authorization_failed")
        #expect(failure.diagnostic.answer?.words.text == "not this one")
        #expect(failure.diagnostic.responsible != nil)
        #expect(failure.diagnostic.notes.contains { $0.message.hasPrefix("it failed at auth; ") })
        #expect(trial.report.failed?.stage == .auth)
    }

    @Test func `a conversation runs where the dialer has its connections`() async {
        let visits = Mutex<[Bool]>([])
        var tester = Self.tester(TalkingServer(.welcoming, executor: Place()))
        tester.watch = { _, _ in visits.withLock { $0.append(Place.isHere) } }
        _ = await tester.login(Self.imap(), credential: Self.token, for: Self.address)
        #expect(visits.withLock { $0.count } > 1)
        #expect(visits.withLock { $0.allSatisfy(\.self) })
        #expect(!Place.isHere)
    }

    @Test func `what a failure means follows from the protocol and from what was shown`() async throws {
        var refusing = TalkingServer.Conversation.submission()
        refusing.answer = { [answer = refusing.answer] line, isSecure in
            let reply = answer(line, isSecure)
            return reply?.hasPrefix("235") == true ? "534 5.7.9 Application-specific password required\r\n" : reply
        }
        let trial = await Self.tester(TalkingServer(refusing))
            .login(Self.smtp, credential: Self.password, for: Self.address)
        let diagnostic = try #require(trial.failure?.diagnostic)
        #expect(diagnostic.responsible == .user)
        #expect(diagnostic.notes.contains { $0.message == "mailkeel explain smtp.534-5.7.9 says more" })
        let bad = TalkingServer(.imap { "\($0) NO [AUTHENTICATIONFAILED] no\r\n" })
        let token = await Self.tester(bad).login(Self.imap(), credential: Self.token, for: Self.address)
        #expect(token.failure?.diagnostic.responsible == .tenantAdministrator)
    }

    @Test(arguments: [
        (MailProtocol.smtp, 465, "smtp.535"), (.imap, 993, "imap.authenticationfailed"), (.pop3, 995, "pop3.auth"),
    ])
    func `a refusal is told in the words of its protocol and its credential`(
        type: MailProtocol, port: Int, row: String
    ) async throws {
        let endpoint = HostPort(host: "mail.example.com", port: port)
        let work = TestWork(type: type, endpoint: endpoint, login: .none, userName: "desk@example.com")
        let tester = Self.tester(ScriptedMailServer(at: endpoint))
        for credential in [Self.token, Self.password] {
            let failure = await tester.login(work, credential: credential, for: Self.address).failure
            let diagnostic = try #require(failure?.diagnostic)
            #expect(diagnostic.code == "mail.authentication_failed")
            #expect(diagnostic.notes.contains { $0.message == "mailkeel explain \(row) says more" })
            guard case .password = credential else { continue }
            #expect(diagnostic.message.hasSuffix("does not accept this user name and password"))
            #expect(diagnostic.responsible == .operatorHere)
        }
    }

    // MARK: Time

    @Test func `a proof stands although the server never says goodbye`() async throws {
        var mute = TalkingServer.Conversation.welcoming
        let speaks = mute.answer
        mute.answer = { line, isSecure in line.contains("LOGOUT") ? nil : speaks(line, isSecure) }
        let tester = Self.tester(TalkingServer(mute)) { $0.whole = .milliseconds(100) }
        let trial = await tester.login(Self.imap(), credential: Self.token, for: Self.address)
        #expect(trial.failure == nil)
    }

    @Test(arguments: [
        ("greeting", ProbeStage.greeting), ("AUTHENTICATE", .auth), ("NAMESPACE", .proof),
    ])
    func `a server that falls silent before the proof is a time-out at that stage`(
        silent: String, stage: ProbeStage
    ) async throws {
        var mute = TalkingServer.Conversation.welcoming
        let speaks = mute.answer
        if silent == "greeting" { mute.greeting = "" }
        mute.answer = { line, isSecure in line.contains(silent) ? nil : speaks(line, isSecure) }
        let tester = Self.tester(TalkingServer(mute)) {
            $0.greeting = .milliseconds(50)
            $0.command = .milliseconds(50)
        }
        let trial = await tester.login(Self.imap(), credential: Self.token, for: Self.address)
        #expect(trial.failure?.diagnostic.code == "connection.timed_out")
        #expect(trial.failure?.stage == stage)
        #expect(trial.attempts == 1)
    }

    @Test func `a login that is cut off ends at once`() async {
        var mute = TalkingServer.Conversation.welcoming
        mute.greeting = ""
        let server = TalkingServer(mute)
        let tester = Self.tester(server)
        let (dialled, dial) = AsyncStream<Void>.makeStream()
        var watched = tester
        watched.watch = { _, stage in if stage == .greeting { dial.finish() } }
        let ready = watched
        let login = Task { await ready.login(Self.imap(), credential: Self.token, for: Self.address) }
        for await _ in dialled {}
        login.cancel()
        #expect(await login.value.failure != nil)
        #expect(server.dials.count == 1)
    }

    // MARK: Repetitions

    @Test func `what may pass is tried again after longer and longer pauses`() async throws {
        let pauses = PauseList()
        let busy = TalkingServer.Conversation.imap { "\($0) NO [UNAVAILABLE] busy\r\n" }
        let server = TalkingServer(busy, busy, .welcoming)
        let tester = Self.tester(server) { $0.sleep = { pauses.add($0) } }
        let trial = await tester.login(Self.imap(), credential: Self.token, for: Self.address)
        #expect(trial.failure == nil)
        #expect(trial.attempts == 3)
        #expect(pauses.all == [.seconds(3), .seconds(9)])
    }

    @Test func `what stays is reported after the third attempt, with their number`() async {
        let server = TalkingServer(.imap { "\($0) NO [UNAVAILABLE] busy\r\n" })
        let trial = await Self.tester(server).login(Self.imap(), credential: Self.token, for: Self.address)
        #expect(trial.attempts == 3)
        #expect(trial.failure?.diagnostic.code == "mail.temporarily_unavailable")
        #expect(trial.failure?.diagnostic.notes.contains { $0.message == "tried 3 times, with pauses" } == true)
    }

    @Test(arguments: ["NO [AUTHENTICATIONFAILED] no", "NO [AUTHORIZATIONFAILED] no", "NO no"])
    func `a refused credential is offered once`(answer: String) async {
        let server = TalkingServer(.imap { "\($0) \(answer)\r\n" })
        let trial = await Self.tester(server).login(Self.imap(), credential: Self.token, for: Self.address)
        #expect(trial.attempts == 1)
        #expect(server.lines.count { $0.contains("AUTHENTICATE") } == 1)
    }

    /// However it closes: in order, or by a reset.
    @Test(arguments: [false, true])
    func `a password is not offered again where the server closed on it`(breaks: Bool) async {
        var closing = TalkingServer.Conversation.submission()
        closing.answer = { [answer = closing.answer] line, isSecure in
            let reply = answer(line, isSecure)
            return reply?.hasPrefix("235") == true ? "bye" : reply
        }
        closing.closesAfter = "bye"
        closing.breaks = breaks
        let server = TalkingServer(closing)
        let work = TestWork(
            type: .smtp, endpoint: Self.smtp.endpoint, security: .starttls, login: .none, mechanism: .plain,
            userName: "desk@example.com", sender: "desk@example.com")
        let trial = await Self.tester(server).login(work, credential: Self.password, for: Self.address)
        #expect(trial.failure?.diagnostic.code == "mail.closed_on_credential")
        #expect(trial.failure?.mail?.credentialWasOffered == true)
        #expect(trial.failure?.stage == .auth)
        #expect(server.dials.count == 1)
    }

    @Test(arguments: [false, true])
    func `a close before anything was shown is tried again`(breaks: Bool) async {
        var closing = TalkingServer.Conversation.submission()
        closing.closesAfter = "220"
        closing.breaks = breaks
        let server = TalkingServer(closing, .submission())
        let trial = await Self.tester(server).login(Self.smtp, credential: Self.password, for: Self.address)
        #expect(trial.failure == nil)
        #expect(trial.attempts == 2)
    }

    @Test func `a message that the server may have taken is not sent twice`() async {
        var busy = TalkingServer.Conversation.submission()
        busy.answer = { [answer = busy.answer] line, isSecure in
            line.hasPrefix("MAIL FROM") ? "451 4.7.500 busy\r\n" : answer(line, isSecure)
        }
        let message = MailMessage(
            from: .init(address: "desk@example.com"), recipient: "in@example.com", subject: "s", text: "t",
            date: Timestamp(seconds: 0))
        let sending = TalkingServer(busy)
        let trial = await Self.tester(sending).login(
            Self.smtp, credential: Self.password, for: Self.address, task: .submit(message))
        #expect(trial.failure != nil)
        #expect(sending.dials.count == 1)
        let proving = TalkingServer(busy)
        _ = await Self.tester(proving).login(Self.smtp, credential: Self.password, for: Self.address)
        #expect(proving.dials.count == 3)
    }

    @Test func `a connection that breaks before a word is tried again`() async {
        let broken = TalkingServer.Conversation(greeting: "* BYE overloaded\r\n", answer: { _, _ in nil })
        let server = TalkingServer(broken, .welcoming)
        let trial = await Self.tester(server).login(Self.imap(), credential: Self.token, for: Self.address)
        #expect(trial.failure == nil)
        #expect(trial.attempts == 2)
    }

    // MARK: STARTTLS

    @Test func `with STARTTLS the connection begins in clear and the credential follows under TLS`() async throws {
        let server = TalkingServer(.submission())
        let trial = await Self.tester(server).login(Self.smtp, credential: Self.password, for: Self.address)
        #expect(trial.failure == nil, "\(String(describing: trial.failure?.diagnostic))")
        #expect(server.dials == [.clear])
        let start = try #require(server.lines.firstIndex(of: "STARTTLS"))
        #expect(!server.lines[...start].contains { $0.hasPrefix("AUTH") })
        #expect(trial.facts.tls?.version == .tls13)
        #expect(trial.report.stages.first { $0.stage == .tls }?.outcome == .ok)
    }

    @Test func `bytes between the go-ahead and TLS end the login without a credential`() async {
        let server = TalkingServer(.submission { () throws(ConnectionFailure) in throw .injected(bytes: 7) })
        let trial = await Self.tester(server).login(Self.smtp, credential: Self.password, for: Self.address)
        #expect(trial.failure?.diagnostic.code == "mail.injected_before_tls")
        #expect(trial.failure?.stage == .tls)
        #expect(trial.attempts == 1)
        #expect(!server.lines.contains { $0.hasPrefix("AUTH") })
    }

    @Test func `a certificate that is not good ends the login without a credential`() async {
        let failure = ConnectionFailure.tls(.untrustedIssuer(issuer: ForeignText("CN=Nobody")))
        let server = TalkingServer(.submission { () throws(ConnectionFailure) in throw failure })
        let trial = await Self.tester(server).login(Self.smtp, credential: Self.password, for: Self.address)
        #expect(trial.failure?.diagnostic.code == "connection.certificate_untrusted")
        #expect(trial.failure?.stage == .tls)
        #expect(!server.lines.contains { $0.hasPrefix("AUTH") })
    }

    // MARK: Transcripts

    @Test func `of a long conversation whole lines are kept, and the file says what is missing`() async throws {
        let files = InMemoryFileStore()
        let transcripts = WireTranscripts(directory: "/p/transcripts", files: files, time: FixedTimeSource())
        let chatter = String(repeating: "* OK \(String(repeating: "x", count: 500))\r\n", count: 150)
        let server = TalkingServer(.imap { "\(chatter)\($0) NO [UNAVAILABLE] busy\r\n" })
        _ = await Self.tester(server, transcripts: transcripts)
            .login(Self.imap(debug: true), credential: Self.token, for: Self.address)
        let place = transcripts.directory(of: Self.address)
        let name = try #require(try files.list(place).first?.name)
        let bytes = try #require(try files.read("\(place)/\(name)", limit: .max))
        let text = String(decoding: bytes, as: UTF8.self)
        let halves = text.split(separator: "\n(cut here: ")
        try #require(halves.count == 2)
        let numbers = halves[1].split(separator: " ").compactMap { Int($0) }
        // Of three attempts a part is missing, to the byte, and how it ended is not.
        #expect(halves[0].utf8.count <= 128 * 1024 && halves[0].utf8.count + numbers[0] == numbers[1])
        #expect(halves[0].hasSuffix(String(repeating: "x", count: 500)))
        #expect(halves[1].hasPrefix("\(numbers[0]) of \(numbers[1]) bytes are missing)\n\ndns "))
        #expect(halves[1].contains("auth failed"))
    }

    @Test func `a transcript is kept where debug says so, the newest ten, and no credential is in it`() async throws {
        let files = InMemoryFileStore()
        let clock = FixedTimeSource()
        let transcripts = WireTranscripts(directory: "/p/transcripts", files: files, time: clock)
        let place = transcripts.directory(of: Self.address)
        let tester = Self.tester(TalkingServer(.welcoming), transcripts: transcripts)
        _ = await tester.login(Self.imap(), credential: Self.token, for: Self.address)
        #expect((try? files.list(place).count) ?? 0 == 0)
        for _ in 0..<12 {
            _ = await tester.login(Self.imap(debug: true), credential: Self.token, for: Self.address)
            clock.advance(seconds: 60)
        }
        let names = try files.list(place).map(\.name)
        #expect(names.count == 10)
        #expect(Set(names).count == 10)
        let last = try #require(names.last)
        let text = String(decoding: try #require(try files.read("\(place)/\(last)", limit: .max)), as: UTF8.self)
        #expect(text.contains("NAMESPACE"))
        // When each line was said, so that a wait shows.
        #expect(
            text.split(separator: "\n").count { $0.hasPrefix("+") && ($0.contains(" C: ") || $0.contains(" S: ")) } > 5)
        #expect(!text.contains("CANARY"))
        #expect(!text.contains(Base64.text(Array("user=desk@example.com\u{1}auth=Bearer CANARY".utf8)).prefix(40)))
    }
}

/// A queue of its own to run on.
private final class Place: TaskExecutor {
    private static let mark = DispatchSpecificKey<Bool>()
    private let queue = DispatchQueue(label: "mailkeel.tests.place")

    init() { queue.setSpecific(key: Self.mark, value: true) }

    static var isHere: Bool { DispatchQueue.getSpecific(key: mark) == true }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        queue.async { unsafe job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }
}

/// What was heard, in order.
private final class StageList: Sendable {
    private let list = Mutex<[ProbeStage]>([])
    var all: [ProbeStage] { list.withLock { $0 } }
    func add(_ stage: ProbeStage) { list.withLock { $0.append(stage) } }
}

private final class PauseList: Sendable {
    private let list = Mutex<[Duration]>([])
    var all: [Duration] { list.withLock { $0 } }
    func add(_ pause: Duration) { list.withLock { $0.append(pause) } }
}
