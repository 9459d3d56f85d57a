import KeelBase
import KeelOAuth
import KeelTestSupport
import Testing

struct DeviceFlowTests {
    private static let now = Timestamp(seconds: 1_800_000_000)
    private static func at(_ seconds: Int64) -> Timestamp { now.adding(seconds: seconds) }

    private static let usual =
        #""device_code":"SECRET-DEVICE","user_code":"WDJB-MJHT","verification_uri":"https://idp.example/device""#

    private func start(_ more: String = "", _ members: String = usual) throws(OAuthFailure) -> DeviceFlow {
        try DeviceFlow(answer: RequestFixture.json("{\(members)\(more)}"), scopes: ["mail"], at: Self.now)
    }

    private static func error(
        _ code: String, _ status: Int = 400, headers: [(name: String, value: String)] = []
    ) -> HTTPResponse {
        RequestFixture.json(status, "{\"error\":\"\(code)\"}", headers: headers)
    }

    /// A step as text, for tables.
    private func text(_ step: DeviceFlow.Step) -> String {
        switch step {
        case .wait(let until): "wait \(until.seconds - Self.now.seconds)"
        case .poll: "poll"
        case .finished(let tokens): "finished \(tokens.accessToken.revealText())"
        case .failed(let failure): "failed \(failure.code)"
        }
    }

    // MARK: Requests

    @Test(arguments: [false, true])
    func `a request names the client and the scopes`(_ hasSecret: Bool) throws {
        let client = RequestFixture.client(hasSecret ? .basic(Secret(copying: "s")) : .none)
        let request = DeviceFlow.request(
            client, endpoint: try EndpointURL(parsing: "https://idp.example/devicecode"), scopes: ["mail", "send"],
            additional: [("resource", "r"), ("prompt", "consent"), ("client_id", "other")])
        #expect(request.url.path == "/devicecode" && request.method == .post)
        #expect((request.authorization != nil) == hasSecret)
        let form = ScriptedTransport.Exchange(request: request, trust: .system).form
        #expect(form == ["client_id": "app", "scope": "mail send", "resource": "r"])
    }

    @Test func `a question holds the device code and what the client shows at that time`() throws {
        let flow = try start()
        for assertion in ["first", "second"] {
            let request = flow.poll(RequestFixture.client(.assertion(Secret(copying: assertion))))
            let form = ScriptedTransport.Exchange(request: request, trust: .system).form
            #expect(form["device_code"] == "SECRET-DEVICE" && form["client_assertion"] == assertion)
            #expect(form["grant_type"] == "urn:ietf:params:oauth:grant-type:device_code")
        }
    }

    // MARK: The answer with the code

    struct Start: Sendable, CustomTestStringConvertible {
        let more: String
        var interval: Int64 = 5
        var lifetime: Int64 = 900
        var complete: String?
        var testDescription: String { more }
    }

    @Test(arguments: [
        Start(more: ""), Start(more: #","interval":1,"expires_in":600"#, interval: 1, lifetime: 600),
        Start(more: #","interval":"7","expires_in":"300""#, interval: 7, lifetime: 300),
        Start(more: #","interval":0"#, interval: 1), Start(more: #","interval":-3"#),
        Start(more: #","interval":1.5"#, interval: 2), Start(more: #","interval":1e9"#, interval: 300),
        Start(more: #","interval":null,"expires_in":"soon""#), Start(more: #","interval":"nan""#),
        Start(more: #","expires_in":1e300"#, lifetime: 86_400), Start(more: #","expires_in":0"#, lifetime: 0),
        Start(
            more: #","verification_uri_complete":"https://idp.example/device?c=WDJB-MJHT""#,
            complete: "https://idp.example/device?c=WDJB-MJHT"),
        // A link that leads elsewhere than the address beside it.
        Start(more: #","verification_uri_complete":"https://evil.example/device?c=WDJB-MJHT""#),
        Start(more: #","verification_uri_complete":"javascript:alert(1)""#),
        Start(more: #","verification_uri_complete":7"#),
    ])
    func `a code comes with its times, or with the usual ones`(_ row: Start) throws {
        let flow = try start(row.more)
        #expect(flow.interval == row.interval)
        #expect(flow.prompt.expiresAt == Self.at(row.lifetime))
        #expect(flow.prompt.verificationURIComplete == row.complete)
        #expect(flow.prompt.userCode == "WDJB-MJHT" && flow.prompt.verificationURI == "https://idp.example/device")
        #expect(text(flow.next(at: Self.now)) == (row.lifetime == 0 ? "failed expired_token" : "wait \(row.interval)"))
    }

    @Test func `Google's older name for the address is read`() throws {
        let flow = try start(
            "", #""device_code":"d","user_code":"U","verification_url":"https://www.google.com/device""#)
        #expect(flow.prompt.verificationURI == "https://www.google.com/device")
    }

    @Test(
        arguments: [
            ("{}", .malformed(.deviceCodeMissing)), (#"{"device_code":""}"#, .malformed(.deviceCodeMissing)),
            (#"{"device_code":"d"}"#, .malformed(.userCodeUnusable)),
            (#"{"device_code":"d","user_code":"A\u001b[2J"}"#, .malformed(.userCodeUnusable)),
            (#"{"device_code":"d","user_code":"A\u202eB"}"#, .malformed(.userCodeUnusable)),
            (
                #"{"device_code":"d","user_code":""# + String(repeating: "A", count: 65) + #""}"#,
                .malformed(.userCodeUnusable)
            ),
            (#"{"device_code":"d","user_code":"U"}"#, .malformed(.verificationURIUnusable)),
            (
                #"{"device_code":"d","user_code":"U","verification_uri":"ftp://h/"}"#,
                .malformed(.verificationURIUnusable)
            ),
            (
                #"{"device_code":"d","user_code":"U","verification_uri":"https://"}"#,
                .malformed(.verificationURIUnusable)
            ),
            (
                #"{"device_code":"d","user_code":"U","verification_uri":"https://microsoft.com@evil.example/"}"#,
                .malformed(.verificationURIUnusable)
            ),
            (
                #"{"device_code":"d","user_code":"U","verification_uri":"https://evil.example\\@microsoft.com/ x"}"#,
                .malformed(.verificationURIUnusable)
            ),
            (
                #"{"device_code":"d","user_code":"U","verification_uri":"https://h/"#
                    + String(repeating: "a", count: 600) + #""}"#, .malformed(.verificationURIUnusable)
            ),
            ("<html>", .malformed(.bodyHTML)), ("", .malformed(.bodyEmpty)),
            (#"{"error":"invalid_client"}"#, .invalidClient),
            (String(repeating: " ", count: 300_000), .malformed(.bodyTooLarge)),
        ] as [(String, OAuthFailure.Kind)])
    func `an answer that cannot be shown to a person is refused`(_ body: String, _ kind: OAuthFailure.Kind) {
        let failure = #expect(throws: OAuthFailure.self) {
            try DeviceFlow(answer: RequestFixture.json(body), scopes: [], at: Self.now)
        }
        #expect(failure?.kind == kind)
    }

    // MARK: Asking

    @Test func `slow_down makes every later wait longer by five seconds`() throws {
        var flow = try start(#","interval":1"#)
        #expect(text(flow.next(at: Self.at(0))) == "wait 1")
        #expect(text(flow.next(at: Self.at(1))) == "poll")
        #expect(text(flow.receive(Self.error("authorization_pending"), at: Self.at(1))) == "wait 2")
        #expect(text(flow.receive(Self.error("slow_down"), at: Self.at(2))) == "wait 8")
        #expect(text(flow.next(at: Self.at(7))) == "wait 8")
        #expect(text(flow.next(at: Self.at(8))) == "poll")
        #expect(text(flow.receive(Self.error("authorization_pending"), at: Self.at(8))) == "wait 14")
        #expect(text(flow.receive(Self.error("slow_down"), at: Self.at(14))) == "wait 25")
        #expect(text(flow.receive(Self.error("authorization_pending", 428), at: Self.at(25))) == "wait 36")
        #expect(flow.interval == 11)
    }

    @Test func `silence doubles the pause up to a minute, and an answer ends that`() throws {
        var flow = try start()
        var time: Int64 = 5
        var pauses: [Int64] = []
        for _ in 0..<6 {
            guard case .wait(let until) = flow.connectionFailed(at: Self.at(time)) else { break }
            pauses.append(until.seconds - Self.at(time).seconds)
            time = until.seconds - Self.now.seconds
        }
        #expect(pauses == [10, 20, 40, 60, 60, 60])
        #expect(text(flow.receive(Self.error("authorization_pending"), at: Self.at(time))) == "wait \(time + 5)")
    }

    @Test(
        arguments: [
            (error("temporarily_unavailable", 503, headers: [("Retry-After", "120")]), "wait 125"),
            (error("server_error", 500), "wait 15"), (HTTPResponse(status: 502), "wait 15"),
            (HTTPResponse(status: 429, headers: [("Retry-After", "30")]), "wait 35"),
            (error("slow_down", 429, headers: [("Retry-After", "1")]), "wait 15"),
            (error("authorization_pending"), "wait 10"), (error("access_denied"), "failed access_denied"),
            (error("authorization_declined"), "failed authorization_declined"),
            (error("expired_token"), "failed expired_token"),
            (error("bad_verification_code"), "failed bad_verification_code"),
            (error("invalid_client", 401), "failed invalid_client"), (error("invalid_grant"), "failed invalid_grant"),
            (error("what_is_this"), "failed unrecognized_error"), (HTTPResponse(status: 400), "failed empty_refusal"),
            (RequestFixture.json(#"{"access_token":"tok","refresh_token":"r"}"#), "finished tok"),
        ] as [(HTTPResponse, String)])
    func `an answer ends the flow, or it goes on`(_ response: HTTPResponse, _ step: String) throws {
        var flow = try start()
        #expect(text(flow.receive(response, at: Self.at(5))) == step)
        // What ended stays ended, whatever comes late.
        if !step.hasPrefix("wait") {
            #expect(text(flow.receive(Self.error("authorization_pending"), at: Self.at(6))) == step)
            #expect(text(flow.connectionFailed(at: Self.at(6))) == step)
            #expect(text(flow.next(at: Self.at(10_000))) == step)
        }
    }

    @Test func `an expired code is asked for no more`() throws {
        var flow = try start(#","expires_in":12"#)
        #expect(text(flow.receive(Self.error("authorization_pending"), at: Self.at(10))) == "wait 12")
        #expect(text(flow.next(at: Self.at(12))) == "failed expired_token")
        #expect(text(flow.connectionFailed(at: Self.at(13))) == "failed expired_token")
    }

    @Test func `a success that comes at the last moment counts`() throws {
        var flow = try start(#","expires_in":5"#)
        #expect(
            text(flow.receive(RequestFixture.json(#"{"access_token":"tok"}"#), at: Self.at(6))) == "finished tok")
    }

    @Test(arguments: 0..<32 as Range<UInt64>)
    func `whatever comes, no question is asked before its time`(_ seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        var flow = try start(#","interval":\#(Int.random(in: 1...9, using: &generator)),"expires_in":3000"#)
        var time: Int64 = 0
        var interval = flow.interval
        while true {
            let step = flow.next(at: Self.at(time))
            if case .failed(let failure) = step {
                #expect(failure.kind == .expiredToken && time >= 3000)
                return
            }
            if case .wait(let until) = step {
                #expect(until > Self.at(time) && until <= flow.prompt.expiresAt)
                // A new process takes over now and then.
                if Bool.random(using: &generator) { flow = try DeviceFlow(record: flow.record) }
                time = until.seconds - Self.now.seconds
                continue
            }
            let choice = Int.random(in: 0..<4, using: &generator)
            let answer =
                switch choice {
                case 0: flow.receive(Self.error("slow_down"), at: Self.at(time))
                case 1: flow.receive(HTTPResponse(status: 500), at: Self.at(time))
                case 2: flow.connectionFailed(at: Self.at(time))
                default: flow.receive(Self.error("authorization_pending"), at: Self.at(time))
                }
            #expect(flow.interval == (choice == 0 ? min(interval + 5, 300) : interval))
            interval = flow.interval
            if case .wait(let until) = answer, until < flow.prompt.expiresAt {
                #expect(until >= Self.at(time + interval))
            }
        }
    }

    // MARK: Keeping it

    @Test func `a flow that was kept goes on where it was`() throws {
        var flow = try start(#","verification_uri_complete":"https://idp.example/device?c=1""#)
        _ = flow.receive(Self.error("slow_down"), at: Self.at(5))
        _ = flow.connectionFailed(at: Self.at(15))
        var back = try DeviceFlow(record: flow.record)
        #expect(back.record.matches(flow.record))
        #expect(back.prompt == flow.prompt && back.scopes == ["mail"] && back.interval == 10)
        #expect(text(back.next(at: Self.at(34))) == "wait 35")
        #expect(text(back.receive(Self.error("authorization_pending"), at: Self.at(35))) == "wait 45")
    }

    @Test func `every cut of a record is refused`() throws {
        let bytes = try start().record.reveal()
        for count in 0..<bytes.count {
            #expect(throws: FlowRecordFault.self) {
                try DeviceFlow(record: Secret(copying: Array(bytes.prefix(count))))
            }
        }
    }

    @Test func `no dump of a flow shows the device code, and no error repeats it`() throws {
        var flow = try start()
        var shown = ""
        dump(flow, to: &shown)
        let echo = #"{"error":"invalid_grant","error_description":"SECRET-DEVICE is used"}"#
        guard case .failed(let failure) = flow.receive(RequestFixture.json(400, echo), at: Self.at(5)) else {
            Issue.record("the flow goes on")
            return
        }
        dump(failure, to: &shown)
        #expect(!shown.contains("SECRET"))
    }
}
