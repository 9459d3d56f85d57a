import KeelBase
import KeelNet
import Testing

/// What is said to proxies, byte by byte.
struct TunnelDialogueTests {
    private static let name = HostPort(host: "a.test", port: 993)
    private static let login = Proxy.Credentials(
        userName: Secret(copying: "me"), password: Secret(copying: "pass"))

    /// What follows from the bytes at once, and from one after the other; both must come to the same.
    private func steps(_ dialogue: any TunnelDialogue, _ messages: [[UInt8]]) -> [TunnelStep] {
        var whole = dialogue
        let atOnce = messages.map { whole.receive($0) }
        var slow = dialogue
        var oneByOne: [TunnelStep] = []
        for message in messages {
            for (index, byte) in message.enumerated() {
                let step = slow.receive([byte])
                guard step != .wait else { continue }
                oneByOne.append(step)
                // What comes behind the last word is not the dialogue's any more.
                if case .open = step {
                    #expect(atOnce.last == .open(rest: Array(message[(index + 1)...])))
                    return atOnce
                }
                if case .fail = step { break }
            }
        }
        #expect(oneByOne == atOnce)
        return atOnce
    }

    private static let request: [UInt8] = [5, 1, 0, 3, 6] + Array("a.test".utf8) + [0x03, 0xE1]

    static let ways: [(HostPort, Proxy.Credentials?, messages: [[UInt8]], [TunnelStep])] = [
        (name, nil, [[5, 0], [5, 0, 0, 1, 0, 0, 0, 0, 0, 0]], [.say(request), .open(rest: [])]),
        (name, nil, [[5, 0], [5, 0, 0, 3, 2, 65, 66, 0, 80]], [.say(request), .open(rest: [])]),
        (
            name, nil, [[5, 0], [5, 0, 0, 4] + Array(repeating: 1, count: 18) + [42, 32]],
            [.say(request), .open(rest: [42, 32])]
        ),
        (name, login, [[5, 0], [5, 0, 0, 1, 0, 0, 0, 0, 0, 0]], [.say(request), .open(rest: [])]),
        (
            name, login, [[5, 2], [1, 0], [5, 0, 0, 1, 0, 0, 0, 0, 0, 0]],
            [.say([1, 2, 109, 101, 4, 112, 97, 115, 115]), .say(request), .open(rest: [])]
        ),
        (
            HostPort(host: "192.0.2.1", port: 25), nil, [[5, 0], [5, 0, 0, 1, 0, 0, 0, 0, 0, 0]],
            [.say([5, 1, 0, 1, 192, 0, 2, 1, 0, 25]), .open(rest: [])]
        ),
        (
            HostPort(host: "2001:db8::1", port: 143), nil, [[5, 0], [5, 0, 0, 1, 0, 0, 0, 0, 0, 0]],
            [
                .say([5, 1, 0, 4, 0x20, 0x01, 0x0D, 0xB8] + Array(repeating: 0, count: 11) + [1, 0, 143]),
                .open(rest: []),
            ]
        ),
    ]

    @Test(arguments: ways)
    func `a way is opened over SOCKS`(
        endpoint: HostPort, login: Proxy.Credentials?, messages: [[UInt8]], expected: [TunnelStep]
    ) {
        let dialogue = SOCKSDialogue(to: endpoint, credentials: login)
        #expect(dialogue.begin() == (login == nil ? [5, 1, 0] : [5, 2, 0, 2]))
        #expect(steps(dialogue, messages) == expected)
    }

    private static let notSOCKS = ProxyFailure.Trouble.replied("with something that is not SOCKS 5")

    static let refusals: [([[UInt8]], ProxyFailure.Trouble)] = [
        ([[5, 0xFF]], .authenticationWanted), ([[5, 1]], notSOCKS), ([[4, 0]], notSOCKS), ([[72]], notSOCKS),
        ([[5, 0, 5]], notSOCKS), ([[5, 2], [1, 1]], .authenticationWanted), ([[5, 2], [5, 0]], notSOCKS),
        ([[5, 2], [1, 0, 5]], notSOCKS), ([[5, 0], [5, 1]], .replied("1 (general failure)")),
        ([[5, 0], [5, 2, 0, 1, 0, 0, 0, 0, 0, 0]], .replied("2 (not allowed by its rules)")),
        ([[5, 0], [5, 3]], .beyond(.unreachable)), ([[5, 0], [5, 4]], .beyond(.unreachable)),
        ([[5, 0], [5, 5]], .beyond(.refused)), ([[5, 0], [5, 6]], .beyond(.timedOut)),
        ([[5, 0], [5, 7]], .replied("7 (command not supported)")),
        ([[5, 0], [5, 8]], .replied("8 (address type not supported)")), ([[5, 0], [5, 99]], .replied("99")),
        ([[5, 0], [4, 0]], notSOCKS), ([[5, 0], [5, 0, 0, 2, 0]], notSOCKS),
    ]

    @Test(arguments: refusals)
    func `a refusal over SOCKS is named`(messages: [[UInt8]], trouble: ProxyFailure.Trouble) {
        var dialogue = SOCKSDialogue(to: Self.name, credentials: Self.login)
        #expect(messages.map { dialogue.receive($0) }.last == .fail(trouble))
        #expect(dialogue.hangUp == .replied("by hanging up"))
    }

    @Test func `a method that was not offered is not taken`() {
        var dialogue = SOCKSDialogue(to: Self.name)
        #expect(dialogue.receive([5, 2]) == .fail(Self.notSOCKS))
    }

    @Test func `CONNECT names the endpoint and shows who asks`() {
        let plain = ConnectDialogue(to: HostPort(host: "2001:db8::1", port: 993))
        #expect(
            plain.begin() == Array("CONNECT [2001:db8::1]:993 HTTP/1.1\r\nHost: [2001:db8::1]:993\r\n\r\n".utf8))
        let shown = ConnectDialogue(to: Self.name, credentials: Self.login)
        let expected =
            "CONNECT a.test:993 HTTP/1.1\r\nHost: a.test:993\r\nProxy-Authorization: Basic bWU6cGFzcw==\r\n\r\n"
        #expect(shown.begin() == Array(expected.utf8))
    }

    static let answers: [(String, TunnelStep)] = [
        ("HTTP/1.1 200 OK\r\n\r\n", .open(rest: [])), ("HTTP/1.0 299 x\r\nA: b\r\n\r\n", .open(rest: [])),
        ("HTTP/1.1 200\r\n\r\n* OK", .open(rest: Array("* OK".utf8))),
        ("HTTP/1.1 407 No\r\n\r\n", .fail(.authenticationWanted)),
        ("HTTP/1.1 502 Bad\r\n\r\n", .fail(.refused(status: 502))),
        ("HTTP/1.1 100 Wait\r\n\r\n", .fail(.refused(status: 100))),
        ("HTTP/2 200 OK\r\n\r\n", .fail(.refused(status: nil))), ("\r\n\r\n", .fail(.refused(status: nil))),
        ("HTTP/1.1 2000 OK\r\n\r\n", .fail(.refused(status: nil))),
        (String(repeating: "x", count: 16385), .fail(.refused(status: nil))),
    ]

    @Test(arguments: answers)
    func `an answer to CONNECT opens a way or says why not`(answer: String, expected: TunnelStep) {
        #expect(steps(ConnectDialogue(to: Self.name), [Array(answer.utf8)]) == [expected])
    }
}
