import KeelBase
import KeelMail
import Testing

@Suite struct ArrivalTests {
    static let messageID = "<1@contoso.example>"
    static let from = "=?utf-8?B?U2VydmljZQ==?= =?utf-8?Q?_Desk?= <desk@contoso.example>"
    static let shown = ForeignText("Service Desk <desk@contoso.example>")

    // MARK: IMAP

    static let imap = [
        "* OK [CAPABILITY IMAP4rev1 SASL-IR AUTH=XOAUTH2] hi", "A1 OK [CAPABILITY NAMESPACE] in", "A2 OK", "A3 OK",
    ]

    static func imap(_ lines: [String], messageID: String = messageID) throws -> Talk.Outcome {
        let probe = IMAPLoginProbe(Talk.order(.sasl(.xoauth2), task: .find(messageID: messageID)), opensInbox: false)
        return try Talk.play(probe, imap + lines)
    }

    @Test(arguments: [
        ["* SEARCH 4 12"], ["* 3 EXISTS", "* SEARCH 12"], ["* ESEARCH (TAG \"A4\") UID ALL 4:7,12"],
    ])
    func `a message is searched for and its From read without a mark on it`(_ answer: [String]) throws {
        let header = "From: \(Self.from)\r\n\r\n"
        let outcome = try Self.imap(
            answer + [
                "A4 OK", "* 3 FETCH (UID 12 BODY[HEADER.FIELDS (FROM)] {\(header.utf8.count)}", header + ")", "A5 OK",
                "* BYE", "A6 OK",
            ])
        #expect(outcome.proof?.arrival == .found(from: Self.shown))
        #expect(outcome.proof?.command == "EXAMINE INBOX")
        #expect(
            outcome.clearWire.hasSuffix(
                """
                A3 EXAMINE INBOX\r
                A4 UID SEARCH HEADER Message-ID "<1@contoso.example>"\r
                A5 UID FETCH 12 BODY.PEEK[HEADER.FIELDS (FROM)]\r
                A6 LOGOUT\r

                """))
    }

    @Test func `a header may come as a quoted string`() throws {
        let outcome = try Self.imap([
            "* SEARCH 12", "A4 OK", #"* 3 FETCH (BODY[HEADER.FIELDS (FROM)] "From: \"Desk\" <a@x.example>" UID 12)"#,
            "A5 OK", "A6 OK",
        ])
        #expect(outcome.proof?.arrival == .found(from: ForeignText("\"Desk\" <a@x.example>")))
    }

    @Test(arguments: [
        (["* SEARCH", "A4 OK", "A5 OK"], Arrival.missing), (["A4 OK", "A5 OK"], .missing),
        (["* ESEARCH (TAG \"A4\") UID", "A4 OK", "A5 OK"], .missing), (["* SEARCH 0 x", "A4 OK", "A5 OK"], .missing),
        (["* SEARCH 12", "A4 OK", "A5 OK", "A6 OK"], .missing),
        (
            ["A4 NO [CANNOT] search", "A5 OK"],
            .unsearchable(ServerAnswer(code: "CANNOT", words: ForeignText("search")))
        ),
    ])
    func `what is not found is missing and the login stands`(_ lines: [String], _ arrival: Arrival) throws {
        #expect(try Self.imap(lines).proof?.arrival == arrival)
    }

    @Test func `a search that breaks off leaves the login proven`() throws {
        let outcome = try Self.imap(["* BYE too long"])
        #expect(outcome.proof?.command == "EXAMINE INBOX" && outcome.proof?.arrival == nil)
    }

    @Test func `a Message-ID that would end its string is not searched for`() throws {
        let outcome = try Self.imap(["A4 OK"], messageID: "<1\"\r\nA9 DELETE INBOX>")
        #expect(!outcome.clearWire.contains("SEARCH"))
        #expect(outcome.proof?.arrival == .missing)
    }

    // MARK: POP3

    static let pop3 = ["+OK hi", "+OK", "SASL XOAUTH2", "TOP", ".", "+ ", "+OK in"]

    static func pop3(_ lines: [String]) throws -> Talk.Outcome {
        try Talk.play(POP3Probe(Talk.order(.sasl(.xoauth2), task: .find(messageID: messageID))), pop3 + lines)
    }

    private static func header(_ id: String, _ fields: [String] = []) -> [String] {
        ["+OK", "Received: x"] + fields + [
            "Message-Id:", " \(id)", "From: =?utf-8?B?U2VydmljZQ==?=", "\t=?utf-8?Q?_Desk?= <desk@contoso.example>", "",
            ".",
        ]
    }

    @Test func `a message is looked for from the newest backwards`() throws {
        let outcome = try Self.pop3(
            ["+OK 3 900"] + Self.header("<2@x>", ["..", "X: <1@contoso.example>"]) + Self.header(Self.messageID)
                + ["+OK bye"])
        #expect(outcome.proof?.arrival == .found(from: Self.shown))
        #expect(outcome.clearWire.hasSuffix("STAT\r\nTOP 3 0\r\nTOP 2 0\r\nQUIT\r\n"))
        #expect(!outcome.transcript.contains("Received"))
    }

    @Test func `an empty mailbox has no message`() throws {
        #expect(try Self.pop3(["+OK 0 0", "+OK bye"]).proof?.arrival == .missing)
    }

    @Test func `only the newest messages are looked at`() throws {
        let headers = (0..<30).flatMap { Self.header("<\($0)@x>") }
        let outcome = try Self.pop3(["+OK 1000 1"] + headers + ["+OK bye"])
        #expect(outcome.proof?.arrival == .missing)
        #expect(outcome.clearWire.hasSuffix("TOP 972 0\r\nTOP 971 0\r\nQUIT\r\n"))
    }

    @Test func `a server without TOP cannot be searched`() throws {
        let outcome = try Self.pop3(["+OK 1 100", "-ERR what", "+OK bye"])
        #expect(outcome.proof?.arrival == .unsearchable(ServerAnswer(code: nil, words: ForeignText("what"))))
    }
}
