import KeelBase
import KeelDiagnostics
import Testing

struct ReviewFormatTests {
    @Test func `a workflow command is one line, and its properties cannot break out of it`() {
        let lines = WorkflowCommands(ReviewFixture.report).text.split(separator: "\n").map(String.init)
        #expect(lines.count == 4)
        #expect(
            lines[0] == "::warning file=mail/my accounts/é%2C1.yaml,line=1,endLine=2,title=lint.debug"
                + "::EmailAccount/desk: debug: on")
        #expect(
            lines[1]
                == "::error file=mail/my accounts/é%2C1.yaml,line=2,endLine=2,col=1,endColumn=2,title=yaml.duplicate-key"
                + "::twice <\"a\"> & ]]> 100 %25 and on%0Aremove one")
        #expect(lines[2] == "::notice title=project.skipped-file::a.yaml was skipped")
    }

    @Test func `a code quality entry has a path, a line and a name of its own`() throws {
        let entries = try #require(CodeQualityReport(ReviewFixture.report, projectFile: "mailkeel.yaml").json.array)
        #expect(entries.count == 4)
        #expect(entries[1]["check_name"] == "yaml.duplicate-key")
        #expect(entries[1]["severity"] == "critical")
        #expect(entries[1]["location"]?["path"] == "mail/my accounts/é,1.yaml")
        #expect(entries[1]["location"]?["lines"]?["begin"] == 2)
        #expect(entries[2]["location"]?["path"] == "mail/mailkeel.yaml")
        let names = Set(entries.compactMap { $0["fingerprint"]?.string })
        #expect(names.count == 4)
        #expect(names.allSatisfy { $0.count == 16 })
    }

    @Test func `a finding keeps its name when lines are added above it`() {
        func name(line: Int) -> JSON? {
            var sources = SourceMap()
            let id = sources.add(path: "a.yaml", bytes: [])
            let range = SourceRange(file: id, at: SourcePosition(line: line, column: 1))
            let report = DiagnosticReport([.error("yaml.syntax", "bad", at: range)])
            return CodeQualityReport(ReviewReport(report, in: sources), projectFile: "").json.array?.first?[
                "fingerprint"]
        }
        #expect(name(line: 1) != nil)
        #expect(name(line: 1) == name(line: 9))
    }

    @Test func `a JUnit report has a suite for each file, and only errors fail`() {
        #expect(
            JUnitReport(ReviewFixture.report).text == """
                <?xml version="1.0" encoding="UTF-8"?>
                <testsuites name="mailkeel validate" tests="6" failures="1">
                  <testsuite name="mail/clean.yaml" tests="1" failures="0">
                    <testcase classname="mail/clean.yaml" name="valid"/>
                  </testsuite>
                  <testsuite name="mail/my accounts/é,1.yaml" tests="2" failures="1">
                    <testcase classname="mail/my accounts/é,1.yaml" name="EmailAccount/desk: lint.debug at 1:1">
                      <system-out>mail/my accounts/é,1.yaml:1:1: warning: EmailAccount/desk: debug: on</system-out>
                    </testcase>
                    <testcase classname="mail/my accounts/é,1.yaml" name="yaml.duplicate-key at 2:1">
                      <failure type="yaml.duplicate-key" message="twice &lt;&quot;a&quot;&gt; &amp; ]]&gt; 100 % and on">mail/my accounts/é,1.yaml:2:1: error: twice &lt;&quot;a&quot;&gt; &amp; ]]&gt; 100 % and on
                remove one</failure>
                    </testcase>
                  </testsuite>
                  <testsuite name="project" tests="3" failures="0">
                    <testcase classname="project" name="valid"/>
                    <testcase classname="project" name="project.skipped-file">
                      <system-out>note: a.yaml was skipped</system-out>
                    </testcase>
                    <testcase classname="project" name="project.skipped-file">
                      <system-out>note: a.yaml was skipped</system-out>
                    </testcase>
                  </testsuite>
                </testsuites>

                """)
    }

    @Test func `a SARIF log names the rules once and each result with its places`() throws {
        let log = SARIFLog(ReviewFixture.report, toolVersion: "1.0") { $0 == "lint.debug" ? "debug left on" : nil }
        let run = try #require(log.json["runs"]?.array?.first)
        let rules = try #require(run["tool"]?["driver"]?["rules"]?.array)
        #expect(rules.map { $0["id"] } == ["lint.debug", "project.skipped-file", "yaml.duplicate-key"])
        #expect(rules[0]["shortDescription"]?["text"] == "debug left on")
        #expect(rules[0]["help"]?["text"] == "mailkeel explain lint.debug")
        #expect(run["columnKind"] == "unicodeCodePoints")
        let results = try #require(run["results"]?.array)
        #expect(results[1]["level"] == "error")
        #expect(results[1]["message"]?["text"] == "twice <\"a\"> & ]]> 100 % and on; remove one")
        let place = results[1]["locations"]?.array?.first?["physicalLocation"]
        #expect(place?["artifactLocation"]?["uri"] == "mail/my%20accounts/%C3%A9%2C1.yaml")
        #expect(place?["region"]?["endColumn"] == 3)
        #expect(results[1]["relatedLocations"]?.array?.count == 1)
        #expect(results[2]["locations"] == .array([]))
        #expect(results[1]["partialFingerprints"]?["mailkeel/v1"]?.string?.count == 16)
    }
}
