import KeelDiagnostics
import KeelModel
import KeelTestSupport
import KeelYAML
import Testing

/// Where the value of a variable comes from, and which one wins.
struct VariableResolverTests {
    private static let file = """
          variables:
            tenant: { default: from-default }
            port: { type: port, description: The port of the relay }
            tier: { oneOf: [small, large] }
            key: { sensitive: true }
          environments:
            prod: { variables: { tenant: from-environment } }
            test: {}

        """

    private static func resolve(
        environment: String? = nil, process: [String: String] = [:], files: [String] = [], vars: [String] = [],
        spec: String = file
    ) -> VariableResolver {
        var sources = SourceMap()
        let streams = files.map { text in
            let id = sources.add(path: "values.yaml", bytes: Array(text.utf8))
            return YAMLParser.parse(id, in: sources, limits: .standard)
        }
        return VariableResolver(
            LoadedProject(spec: spec).project, environment: environment,
            VariableInputs(
                process: { process[$0] }, files: streams,
                assignments: vars.compactMap(VariableInputs.Assignment.init)))
    }

    struct Case: Sendable, CustomTestStringConvertible {
        var environment: String?
        var process: [String: String] = [:]
        var files: [String] = []
        var vars: [String] = []
        let expected: String

        var testDescription: String { expected }
    }

    @Test(arguments: [
        Case(expected: "from-default"),
        Case(environment: "test", expected: "from-default"),
        Case(environment: "prod", expected: "from-environment"),
        Case(environment: "prod", process: ["MAILKEEL_VAR_tenant": "from-process"], expected: "from-process"),
        Case(
            environment: "prod", process: ["MAILKEEL_VAR_tenant": "from-process"], files: ["tenant: from-file"],
            expected: "from-file"),
        Case(files: ["tenant: from-first", "tenant: from-last"], expected: "from-last"),
        Case(files: ["tenant: from-file"], vars: ["tenant=from-option"], expected: "from-option"),
        Case(vars: ["tenant=from-first", "tenant=from=last"], expected: "from=last"),
    ])
    func `the last of these wins`(example: Case) {
        let resolver = Self.resolve(
            environment: example.environment, process: example.process, files: example.files, vars: example.vars)
        #expect(resolver.diagnostics.isEmpty)
        #expect(resolver.scope["tenant"] == Variable(.text(example.expected)))
    }

    @Test func `what has no value is declared and unset`() {
        let scope = Self.resolve().scope
        #expect(scope["port"] == Variable(.unset))
        #expect(scope["key"] == Variable(.unset, isSensitive: true))
        #expect(scope["other"] == nil)
    }

    @Test func `a sensitive value stays in the process`() {
        let resolver = Self.resolve(process: ["MAILKEEL_SECRET_key": "hush"])
        #expect(resolver.diagnostics.isEmpty)
        #expect(resolver.scope["key"] == Variable(.unset, isSensitive: true))
    }

    @Test(arguments: [["key=hush"], ["key="]])
    func `a sensitive value is refused on the command line, and not shown`(vars: [String]) {
        let diagnostics = Self.resolve(vars: vars).diagnostics
        #expect(diagnostics.map(\.code) == ["manifest.plain-secret"])
        #expect(
            diagnostics.allSatisfy { !$0.message.contains("hush") && $0.help?.contains("MAILKEEL_SECRET_key") == true })
    }

    @Test func `a sensitive value in a file is refused, and its line not shown`() {
        let diagnostics = Self.resolve(files: ["key: hush"]).diagnostics
        #expect(diagnostics.map(\.code) == ["manifest.plain-secret"])
        #expect(diagnostics.allSatisfy { $0.hidesSource })
    }

    @Test func `a name that the project does not declare is a mistake where it was meant`() {
        let diagnostics = Self.resolve(
            process: ["MAILKEEL_VAR_tenent": "x"], files: ["tenent: x"], vars: ["prot=1"]
        ).diagnostics
        #expect(diagnostics.map(\.code) == ["manifest.unknown-variable", "manifest.unknown-variable"])
        #expect(diagnostics.map { $0.help ?? "" } == ["did you mean \"tenant\"?", "did you mean \"port\"?"])
        #expect(diagnostics.first?.range?.start.line == 1)
    }

    @Test func `without a project file there is no variable`() {
        let resolver = VariableResolver(
            nil, environment: nil,
            VariableInputs(assignments: ["a=b"].compactMap(VariableInputs.Assignment.init)))
        #expect(resolver.diagnostics.first?.help?.contains("mailkeel.yaml") == true)
    }

    @Test(arguments: [
        (["MAILKEEL_VAR_port": "0"], [], "MAILKEEL_VAR_port"), ([:], ["port=http"], "--var port"),
        ([:], ["tier=medium"], "--var tier"), ([:], ["tenant="], "--var tenant"),
        ([:], ["tenant=a\u{1B}[2J"], "--var tenant"),
    ])
    func `a wrong value says where it came from`(process: [String: String], vars: [String], source: String) throws {
        let diagnostics = Self.resolve(process: process, vars: vars).diagnostics
        let diagnostic = try #require(diagnostics.first)
        #expect(diagnostics.count == 1 && diagnostic.code == "manifest.bad-value")
        #expect(diagnostic.message.contains(source) && !diagnostic.message.contains("\u{1B}"))
        #expect(diagnostic.notes.first?.range != nil)
    }

    @Test(arguments: [
        ("- a", "manifest.wrong-type"), ("port: \"993\"", "manifest.bad-value"), ("tenant: no", "manifest.bad-value"),
        ("tenant: a\n---\ntenant: b", "project.bad-variable-file"), ("tenant: [", "yaml.syntax"),
    ])
    func `a file of variables is checked like a manifest`(text: String, code: String) {
        #expect(Self.resolve(files: [text]).diagnostics.map(\.code) == [code])
    }

    @Test(arguments: ["", "=x", "novalue"])
    func `an assignment has a name and a sign`(text: String) {
        #expect(VariableInputs.Assignment(parsing: text) == nil)
    }

    @Test(arguments: [
        (VariableType.text, ["a", "a b", "ü", "${"], ["", "a\nb", "\u{202E}a"]),
        (.host, ["a.example", "::1", "10.0.0.1"], ["", "a:1", "http://a", "a b"]),
        (.port, ["1", "65535"], ["0", "65536", "0993", "+1", "9:93", ""]),
        (.boolean, ["true", "false"], ["yes", "True", ""]),
        (.integer, ["0", "-3", "42"], ["", "-", "007", "-0", "1.5", "1e3"]),
        (.date, ["2027-03-01"], ["2027-3-1", "2027-02-30", "tomorrow"]),
        (.duration, ["90d", "12h", "30m"], ["90", "0d", "d", "1w"]),
        (.url, ["https://a.example/x"], ["http://a.example", "a.example"]),
    ])
    func `a type accepts its values alone`(type: VariableType, right: [String], wrong: [String]) {
        for text in right { #expect(type.accepts(text), "\(text)") }
        for text in wrong { #expect(!type.accepts(text), "\(text)") }
    }
}
