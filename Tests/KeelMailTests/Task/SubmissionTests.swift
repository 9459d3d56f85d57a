import KeelBase
import KeelMail
import Testing

@Suite struct SubmissionTests {
    static let message = MailMessage(
        from: .init(address: "desk@contoso.example", label: "Service Desk"), recipient: "jane@fabrikam.example",
        subject: "Test of mailkeel", text: "Hello.\n", date: Timestamp(seconds: 1_795_295_267),
        messageID: "<1@contoso.example>")
    static let hello = ["220 mx", "250-mx", "250-AUTH PLAIN", "250 SMTPUTF8"]
    static let sent = ["334 ", "235 in", "250 sender", "250 recipient", "354 go", "250 2.0.0 queued as 17", "221 bye"]

    static func play(
        _ lines: [String], _ message: MailMessage = message, by method: LoginMethod = .sasl(.plain), ends: Bool = false
    ) throws -> Talk.Outcome {
        try Talk.play(
            SMTPProbe(Talk.order(method, task: .submit(message)), sender: nil, clientName: "keel.example"),
            lines,
            ends: ends)
    }

    @Test func `a message goes out once its sender and recipient were taken`() throws {
        let outcome = try Self.play(Self.hello + Self.sent)
        let text = String(decoding: Self.message.bytes, as: UTF8.self)
        #expect(
            outcome.clearWire.hasSuffix(
                "MAIL FROM:<desk@contoso.example>\r\nRCPT TO:<jane@fabrikam.example>\r\nDATA\r\n\(text).\r\nQUIT\r\n"))
        #expect(outcome.proof?.command == "DATA")
        #expect(outcome.proof?.submission == ServerAnswer(code: "250 2.0.0", words: ForeignText("queued as 17")))
        #expect(outcome.transcript.contains("C: (message, \(Self.message.bytes.count + 3) bytes)"))
        #expect(!outcome.transcript.contains("Service Desk"))
    }

    @Test func `the message says whom it is from and that nobody need answer`() {
        #expect(
            String(decoding: Self.message.bytes, as: UTF8.self) == """
                From: Service Desk <desk@contoso.example>\r
                To: <jane@fabrikam.example>\r
                Date: Sat, 21 Nov 2026 21:07:47 +0000\r
                Message-ID: <1@contoso.example>\r
                Subject: Test of mailkeel\r
                Auto-Submitted: auto-generated\r
                MIME-Version: 1.0\r
                Content-Type: text/plain; charset=utf-8\r
                Content-Transfer-Encoding: base64\r
                \r
                SGVsbG8uDQo=\r

                """)
    }

    @Test(arguments: [
        ("Desk", "Desk"), ("Desk, Jane", "\"Desk, Jane\""), (#"a "b" \c"#, #""a \"b\" \\c""#),
        ("Jürgen", "=?utf-8?B?SsO8cmdlbg==?="), ("a\r\nBcc: x@evil.example", "\"a  Bcc: x@evil.example\""),
        ("=?utf-8?B?eA==?=", "=?utf-8?B?PT91dGYtOD9CP2VBPT0/PQ==?="),
    ])
    func `a label is written so that it says what it says`(_ label: String, _ written: String) {
        let message = MailMessage(
            from: .init(address: "a@x.example", label: label), recipient: "b@x.example", subject: "s", text: "t",
            date: Timestamp(seconds: 0))
        let first = String(decoding: message.bytes, as: UTF8.self).split(separator: "\r\n").first
        #expect(first == "From: \(written) <a@x.example>")
    }

    @Test func `a long label is encoded in words of 75 characters, none of which cuts a character`() {
        let message = MailMessage(
            from: .init(address: "a@x.example", label: String(repeating: "é🙂", count: 40)), recipient: "b@x.example",
            subject: "s", text: "t", date: Timestamp(seconds: 0))
        let header = String(decoding: message.bytes, as: UTF8.self).components(to: "\r\nTo:")
        for word in header.split(whereSeparator: { $0 == " " || $0 == "\r\n" }) where word.hasPrefix("=?") {
            #expect(word.utf8.count <= 75)
            let bytes = Base64.decode(Array(word.dropFirst("=?utf-8?B?".count).dropLast(2).utf8)) ?? [0xFF]
            #expect(Array(String(decoding: bytes, as: UTF8.self).utf8) == bytes)
        }
    }

    @Test(arguments: [
        (["550 5.7.60 no"], MailFailure.Kind.senderRefused), (["451 later"], .temporarilyUnavailable),
        (["250 ok", "550 5.1.1 nobody"], .recipientRefused), (["250 ok", "450 4.2.1 later"], .temporarilyUnavailable),
        (["250 ok", "250 ok", "554 no"], .messageRefused),
        (["250 ok", "250 ok", "250 what"], .protocolViolation(.unexpectedReply)),
        (["250 ok", "250 ok", "354 go", "550 5.7.60 SendAsDenied"], .senderRefused),
        (["250 ok", "250 ok", "354 go", "432 4.3.2 sender thread limit"], .limitReached),
        (["250 ok", "250 ok", "354 go", "554 5.6.0 no"], .messageRefused),
    ])
    func `whatever is refused is named`(_ answers: [String], _ kind: MailFailure.Kind) throws {
        let outcome = try Self.play(Self.hello + ["334 ", "235 in"] + answers)
        #expect(outcome.failure?.kind == kind)
        #expect(outcome.farewell == "QUIT\r\n" && outcome.proof == nil)
    }

    @Test(arguments: [LoginMethod.sasl(.plain), .none])
    func `a close instead of the last word leaves open whether the message was taken`(_ method: LoginMethod) throws {
        let login = method == .none ? [] : Array(Self.sent.prefix(2))
        let taken = Self.hello + login + Self.sent[2...4]
        let outcome = try Self.play(taken, by: method, ends: true)
        #expect(outcome.failure?.kind == .submissionUnknown && outcome.failure?.transience == .unclear)
        let before = try Self.play(taken.dropLast(), by: method, ends: true)
        #expect(before.failure?.kind == (method == .none ? .closedEarly : .postLoginRefused))
    }

    @Test(arguments: [1, 2, 3])
    func `a server that wants a login may say so of recipient and message`(_ taken: Int) throws {
        let answers = Array(["250 ok", "250 ok", "354 go"].prefix(taken)) + ["530 5.7.0 login first"]
        let outcome = try Self.play(["220 mx", "250 mx"] + answers, by: .none)
        #expect(outcome.failure?.kind == .authenticationRequired)
        #expect(try Self.play(Self.hello + ["334 ", "235 in"] + answers).failure?.kind == .postLoginRefused)
    }

    @Test func `an address beyond ASCII goes where the server takes such`() throws {
        let message = MailMessage(
            from: .init(address: "jürgen@contoso.example"), recipient: "b@x.example", subject: "s", text: "t",
            date: Timestamp(seconds: 0))
        let outcome = try Self.play(Self.hello + Self.sent, message)
        #expect(outcome.clearWire.contains("MAIL FROM:<jürgen@contoso.example> SMTPUTF8 BODY=8BITMIME\r\n"))
        let refused = try Self.play(["220 mx", "250-mx", "250 AUTH PLAIN", "334 ", "235 in"], message)
        #expect(refused.failure?.kind == .smtpUTF8NotOffered)
    }

    @Test(arguments: ["nobody", "a@b>\r\nRCPT TO:<x@evil.example", "a b@c"])
    func `an address that would end its line is refused before anything is sent`(_ address: String) throws {
        let message = MailMessage(
            from: .init(address: "a@x.example"), recipient: address, subject: "s", text: "t",
            date: Timestamp(seconds: 0))
        let outcome = try Self.play(Self.hello, message)
        #expect(outcome.failure?.kind == .unusableRecipient && outcome.clearWire.isEmpty)
    }

    @Test func `no two messages have one Message-ID`() {
        let first = MailMessage.freshID(for: "a@x.example")
        #expect(first.hasPrefix("<mailkeel.") && first.hasSuffix("@x.example>"))
        #expect(first != MailMessage.freshID(for: "a@x.example"))
        #expect(MailMessage.freshID(for: "a@x>\r\n.example").hasSuffix("@mailkeel.invalid>"))
    }
}

extension String {
    fileprivate func components(to end: String) -> Substring {
        self[..<(firstRange(of: end)?.lowerBound ?? endIndex)]
    }
}
