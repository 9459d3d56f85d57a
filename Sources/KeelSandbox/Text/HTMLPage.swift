/// A page for a person: plain, without scripts.
struct HTMLPage {
    /// A piece of it; all text is escaped.
    enum Part {
        case paragraph(String)
        case list([String])
        case form(Form)
    }

    /// A form that is sent by GET.
    struct Form {
        let action: String
        /// What is sent along.
        let hidden: [(name: String, value: String)]
        /// What is chosen from: one, the first to begin with. Absent if it has no values.
        var choice: (name: String, values: [String]) = ("", [])
        /// What is typed.
        var field: (name: String, label: String)?
        let buttons: [(name: String, value: String, label: String)]
    }

    let title: String
    let parts: [Part]

    var text: String {
        """
        <!DOCTYPE html>
        <html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
        <title>\(Self.escaped(title))</title>
        <style>body{font:1rem/1.5 sans-serif;max-width:36rem;margin:3rem auto;padding:0 1rem}\
        label{display:block}button{font:inherit;margin:1rem .5rem 0 0;padding:.3rem 1rem}</style>
        <h1>\(Self.escaped(title))</h1>
        \(parts.map(Self.html).joined(separator: "\n"))
        </html>

        """
    }

    private static func html(_ part: Part) -> String {
        switch part {
        case .paragraph(let text): "<p>\(escaped(text))</p>"
        case .list(let items): "<ul>" + items.map { "<li>\(escaped($0))</li>" }.joined() + "</ul>"
        case .form(let form): html(form)
        }
    }

    private static func html(_ form: Form) -> String {
        var lines = ["<form method=\"get\" action=\"\(escaped(form.action))\">"]
        for (name, value) in form.hidden {
            lines.append("<input type=\"hidden\" name=\"\(escaped(name))\" value=\"\(escaped(value))\">")
        }
        if let field = form.field {
            lines.append("<label>\(escaped(field.label)) <input name=\"\(escaped(field.name))\" autofocus></label>")
        }
        for (index, value) in form.choice.values.enumerated() {
            let checked = index == 0 ? " checked" : ""
            lines.append(
                "<label><input type=\"radio\" name=\"\(escaped(form.choice.name))\" value=\"\(escaped(value))\"\(checked)> "
                    + "\(escaped(value))</label>")
        }
        for button in form.buttons {
            let sent = button.name.isEmpty ? "" : " name=\"\(escaped(button.name))\" value=\"\(escaped(button.value))\""
            lines.append("<button\(sent)>\(escaped(button.label))</button>")
        }
        return (lines + ["</form>"]).joined(separator: "\n")
    }

    static func escaped(_ text: String) -> String {
        var output = ""
        for character in text.unicodeScalars {
            switch character {
            case "&": output += "&amp;"
            case "<": output += "&lt;"
            case ">": output += "&gt;"
            case "\"": output += "&quot;"
            case "'": output += "&#39;"
            default: output.unicodeScalars.append(character)
            }
        }
        return output
    }
}
