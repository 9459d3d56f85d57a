import KeelBase
import KeelOAuth
import KeelTestSupport
import Testing

/// What people paste: a flow whose state is known tells whether it was understood.
struct RedirectAnswerTests {
    private static let state = "AgICAgICAgICAgICAgICAg"

    private func flow() throws -> AuthorizationCodeFlow {
        var call = 0
        return AuthorizationCodeFlow(
            AuthorizationRequest(
                endpoint: RequestFixture.endpoint, clientID: "app", redirectURI: .standard.listening(on: 8400),
                scopes: ["mail"])
        ) { count in
            call += 1
            return Secret(copying: [UInt8](repeating: UInt8(call), count: count))
        }
    }

    private static let address = "http://127.0.0.1:8400/?code=4%2F0AbC-d_e&state=\(state)&scope=mail%20openid"

    private static let pasted = [
        address, " \(address)\n", "\r\n\t\(address)\r\n", "\"\(address)\"", "<\(address)>", "'\(address)'\n",
        "\u{1B}[200~\(address)\u{1B}[201~\n", "\(address)#", "\(address)#_=_",
        "http://127.0.0.1:8400/?code=4%2F0A\nbC-d_e&sta\r\n   te=\(state)",
        "code=4%2F0AbC-d_e&state=\(state)", "?code=4%2F0AbC-d_e&state=\(state)", "state=\(state)&code=4/0AbC-d_e",
        "https://mail.example/cb#code=4%2F0AbC-d_e&state=\(state)", "#code=4%2F0AbC-d_e&state=\(state)",
        "com.example.app:/cb?state=\(state)&code=4%2F0AbC-d_e&",
        "\u{FEFF}http://127.0.0.1:8400/?code=4%2F0A\u{200B}bC-d_e&amp;\u{A0}state=\(state)\u{2028}",
        "http://127.0.0.1:8400/?error_description=&code=4%2F0AbC-d_e&state=\(state)&x=ä",
    ]

    @Test(arguments: pasted)
    func `an address is understood as browsers and terminals give it`(_ text: String) throws {
        let answer = try RedirectAnswer(pasted: Secret(copying: text))
        #expect(try flow().answer(to: answer).revealText() == "4/0AbC-d_e")
    }

    @Test(
        arguments: [
            ("", .empty), ("  \n", .empty), ("http://127.0.0.1:8400/", .noParameters),
            ("http://127.0.0.1:8400/?", .empty), ("4/0AbC-d_e", .bareCode), ("M.C507_BAY.2.U.abc==", .bareCode),
            ("SGVsbG8=", .bareCode), ("http://127.0.0.1/?code=a%2", .badEscape), ("code=%zz", .badEscape),
            ("http://h/?code=a&code=b", .repeated(ForeignText("code"))),
            ("http://h/?state=a&code=b&state=a", .repeated(ForeignText("state"))),
            ("http://h/?code=a&%63ode=b", .repeated(ForeignText("code"))),
            ("code=" + String(repeating: "a", count: 20_000), .tooLong),
            ("code=" + (0..<100).map { "&p\($0)=" }.joined(), .tooManyParameters),
        ] as [(String, RedirectAnswer.Fault)])
    func `what is no answer says what to copy`(_ text: String, _ fault: RedirectAnswer.Fault) {
        #expect(throws: fault) { try RedirectAnswer(pasted: Secret(copying: text)) }
        #expect(!fault.description.isEmpty)
    }

    @Test func `the link that starts the flow is told from its answer`() throws {
        let url = try flow().url
        #expect(throws: RedirectAnswer.Fault.requestItself) { try RedirectAnswer(pasted: Secret(copying: url)) }
    }

    @Test func `a listener's query is read to the letter`() throws {
        let answer = try RedirectAnswer(query: Secret(copying: "code=a+b%3Dc&state=\(Self.state)"))
        #expect(try flow().answer(to: answer).revealText() == "a b=c")
        #expect(throws: RedirectAnswer.Fault.repeated(ForeignText("x"))) {
            try RedirectAnswer(query: Secret(copying: "x=1&x=1"))
        }
    }

    @Test func `no cut of an address gives another code`() throws {
        let flow = try flow()
        let bytes = Array(Self.address.utf8)
        for count in 0..<bytes.count {
            guard let answer = try? RedirectAnswer(pasted: Secret(copying: Array(bytes.prefix(count)))) else {
                continue
            }
            if let code = try? flow.answer(to: answer) { #expect(code.revealText() == "4/0AbC-d_e") }
        }
    }

    @Test(arguments: 0..<64 as Range<UInt64>)
    func `an address with scars is refused or gives the same state's code`(_ seed: UInt64) throws {
        let flow = try flow()
        var generator = SeededGenerator(seed: seed)
        for _ in 0..<50 {
            var bytes = Array(Self.address.utf8)
            for _ in 0..<Int.random(in: 1...4, using: &generator) {
                bytes[Int.random(in: 0..<bytes.count, using: &generator)] = UInt8.random(in: 0...255, using: &generator)
            }
            do throws(RedirectAnswer.Fault) {
                let answer = try RedirectAnswer(pasted: Secret(copying: bytes))
                if (try? flow.answer(to: answer)) != nil {
                    let text = String(decoding: bytes.filter { $0 > 0x20 && $0 < 0x7F }, as: UTF8.self)
                    #expect(text.contains("=" + Self.state))
                }
            } catch {
                #expect(!error.description.contains("4/0"))
            }
        }
    }
}
