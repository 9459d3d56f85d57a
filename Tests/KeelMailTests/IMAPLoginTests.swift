import KeelBase
import KeelMail
import Testing

@Suite struct IMAPLoginTests {
    @Test func `with SASL-IR the credential goes with the command`() throws {
        let outcome = try Trace.play([
            "* OK [CAPABILITY IMAP4rev1 SASL-IR AUTH=PLAIN AUTH=XOAUTH2] Dovecot ready.",
            "A1 OK [CAPABILITY IMAP4rev1 NAMESPACE] Logged in",
            "* NAMESPACE ((\"\" \"/\")) NIL NIL",
            "A2 OK Namespace completed.",
            "* BYE Logging out",
            "A3 OK Logout completed.",
        ])
        #expect(
            outcome.clearWire
                == "A1 AUTHENTICATE XOAUTH2 \(Trace.credential)\r\nA2 NAMESPACE\r\nA3 LOGOUT\r\n")
        #expect(outcome.shown == ["A1 AUTHENTICATE XOAUTH2 \(Trace.shownCredential)", "A2 NAMESPACE", "A3 LOGOUT"])
        #expect(
            outcome.proof
                == LoginProof(
                    mechanism: .sasl(.xoauth2), capabilities: ["IMAP4rev1", "NAMESPACE"],
                    greeting: ForeignText("Dovecot ready."),
                    command: "NAMESPACE"))
        #expect(
            outcome.transcript == """
                (imap.example:993)
                S: * OK [CAPABILITY IMAP4rev1 SASL-IR AUTH=PLAIN AUTH=XOAUTH2] Dovecot ready.
                C: A1 AUTHENTICATE XOAUTH2 \(Trace.shownCredential)
                S: A1 OK [CAPABILITY IMAP4rev1 NAMESPACE] Logged in
                C: A2 NAMESPACE
                S: * NAMESPACE (("" "/")) NIL NIL
                S: A2 OK Namespace completed.
                C: A3 LOGOUT
                S: * BYE Logging out
                """)
    }

    @Test func `without SASL-IR the credential waits to be asked for`() throws {
        let outcome = try Trace.play(
            [
                "* OK The Microsoft Exchange IMAP4 service is ready.",
                "* CAPABILITY IMAP4 IMAP4rev1 AUTH=PLAIN AUTH=XOAUTH2",
                "A1 OK CAPABILITY completed.",
                "+ ",
                "A2 OK AUTHENTICATE completed.",
                "* CAPABILITY IMAP4 IMAP4rev1",
                "A3 OK CAPABILITY completed.",
                "* LIST (\\Noselect) \"/\" \"\"",
                "A4 OK LIST completed.",
            ], ends: true)
        #expect(
            outcome.clearWire
                == "A1 CAPABILITY\r\nA2 AUTHENTICATE XOAUTH2\r\n\(Trace.credential)\r\nA3 CAPABILITY\r\n"
                + "A4 LIST \"\" \"\"\r\nA5 LOGOUT\r\n")
        #expect(outcome.shown.contains(Trace.shownCredential))
        #expect(outcome.proof?.command == "LIST \"\" \"\"")
        #expect(outcome.proof?.capabilities == ["IMAP4", "IMAP4rev1"])
    }

    @Test func `nothing is sent before the server asks for the credential`() throws {
        let outcome = try Trace.play(["* OK [CAPABILITY IMAP4rev1 AUTH=XOAUTH2] hi"])
        #expect(outcome.clearWire == "A1 AUTHENTICATE XOAUTH2\r\n")
    }

    @Test func `capabilities may come untagged with the login and in any case`() throws {
        let outcome = try Trace.play([
            "* ok hi", "* capability imap4REV1 sasl-ir auth=xoauth2", "A1 ok done",
            "* CAPABILITY IMAP4rev1 namespace", "A2 OK in", "A3 OK yes", "* bye",
        ])
        #expect(outcome.proof?.command == "NAMESPACE")
        #expect(outcome.proof?.capabilities == ["IMAP4rev1", "namespace"])
        #expect(!outcome.clearWire.contains("A3 CAPABILITY"))
    }

    @Test func `untagged data may stand anywhere`() throws {
        let outcome = try Trace.play(
            [
                "* OK [CAPABILITY IMAP4rev1 SASL-IR AUTH=XOAUTH2] hi", "* OK still here", "* 3 EXISTS",
                "A1 OK [CAPABILITY IMAP4rev1 NAMESPACE] in", "* FLAGS (\\Seen)", "* NO [X] disk low", "A2 OK done",
            ], ends: true)
        #expect(outcome.proof != nil)
    }

    @Test(arguments: [
        [], ["* BYE"], ["A3 BAD what"], ["garbage"], ["A9 OK"], ["+ more"], [String(repeating: "x", count: 70_000)],
    ])
    func `the proof stands however the leave-taking goes`(_ lines: [String]) throws {
        let outcome = try Trace.play(
            [
                "* OK [CAPABILITY IMAP4rev1 SASL-IR AUTH=XOAUTH2] hi", "A1 OK [CAPABILITY NAMESPACE] in", "A2 OK done",
            ] + lines, ends: true)
        #expect(outcome.proof != nil)
    }

    @Test func `the proof is there before the server says goodbye`() {
        var probe = IMAPLoginProbe(userName: "u", accessToken: Trace.token, endpoint: Trace.endpoint)
        _ = probe.start()
        _ = probe.receive(Array("* OK [CAPABILITY SASL-IR AUTH=XOAUTH2] hi\r\nA1 OK [CAPABILITY X] in\r\n".utf8))
        #expect(probe.proof == nil)
        _ = probe.receive(Array("A2 OK done\r\n".utf8))
        #expect(probe.proof?.command == "LIST \"\" \"\"")
    }

    @Test func `alerts are kept from the login on`() throws {
        let outcome = try Trace.play(
            [
                "* OK [CAPABILITY IMAP4rev1 SASL-IR AUTH=XOAUTH2] hi", "* OK [ALERT] anybody could say this",
                "A1 OK [ALERT] quota nearly used", "* OK [ALERT] maintenance\u{1B}[2J tonight", "A2 OK [CAPABILITY X]",
                "A3 OK done",
            ], ends: true)
        #expect(
            outcome.proof?.alerts == [
                ForeignText("quota nearly used"), ForeignText("maintenance\u{1B}[2J tonight"),
            ])
    }

    @Test func `literals in untagged data are skipped by length, not by content`() throws {
        let outcome = try Trace.play(
            [
                "* OK [CAPABILITY IMAP4rev1 SASL-IR AUTH=XOAUTH2] hi", "A1 OK [CAPABILITY IMAP4rev1] in",
                "* LIST () \"/\" {12}", "A2 NO trap\r\n {0}", " {3+}", "abc", "A2 OK done",
            ], ends: true)
        #expect(outcome.proof != nil)
    }

    @Test(arguments: ["* OK see {5}", "* NO see {99999999}", "* OK [X] {0}"])
    func `braces in a status are words`(_ line: String) throws {
        let outcome = try Trace.play(
            [
                "* OK [CAPABILITY IMAP4rev1 SASL-IR AUTH=XOAUTH2] hi {7}", line, "A1 OK [CAPABILITY NAMESPACE] in {3}",
                "A2 OK done",
            ], ends: true)
        #expect(outcome.proof?.greeting == ForeignText("hi {7}"))
    }

    @Test func `lines may end in LF alone`() throws {
        let lines = "* OK [CAPABILITY SASL-IR AUTH=XOAUTH2] hi\nA1 OK [CAPABILITY NAMESPACE] in\nA2 OK done\n* BYE\n"
        #expect(try Trace.play(Array(lines.utf8)).proof != nil)
    }
}
