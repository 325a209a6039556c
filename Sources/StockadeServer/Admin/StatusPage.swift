// SPDX-License-Identifier: Apache-2.0

/// `/status`: one page with all that it needs in it. What the server says comes in as text and is never
/// read as markup.
enum StatusPage {
    /// Nothing from elsewhere, and the page asks this server only.
    static let contentSecurityPolicy =
        "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; "
        + "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

    static let html = """
        <!doctype html>
        <html lang="en"><head><meta charset="utf-8">
        <meta name="viewport" content="width=device-width,initial-scale=1">
        <title>Stockade</title>
        <style>
        \(style)</style></head>
        <body><header id="head" class="doubt"><p class="verdict" id="verdict">…</p>
        <p id="reason"></p><dl id="facts"></dl></header>
        <main><ul class="tiles" id="tiles"></ul>
        <div class="charts" id="charts"></div>
        <section id="stock"><h2>Hottest stock</h2>
        <p class="note">Where most of the latest reservations took from, by a sample of one in
        sixteen of them; the figures are those of now. <span class="key"><i class="sold"></i>ordered
        <i class="held"></i>held <i class="free"></i>available</span></p>
        <div id="hot"></div></section>
        <section><h2>Tables</h2><div id="tables"></div></section></main>
        <footer><p id="foot"></p><noscript>This page draws with JavaScript;
        the same figures are at /metrics and /status.json.</noscript></footer>
        <script>
        \(StatusScript.source)</script></body></html>

        """

    private static let style = """
        :root{--ink:#1b2027;--dim:#59626e;--page:#fff;--card:#f5f6f8;--line:#d5d9df;--grid:#e4e7eb;
        --good:#0b6b3d;--bad:#a8201a;--doubt:#7d4e00;--c0:#0067a8;--c1:#a86500;--c2:#c22f14;--c3:#7a3fa8;
        --free:#c9d3df;--held:#a86500;--sold:#0067a8}
        @media (prefers-color-scheme:dark){:root{--ink:#e5e9ee;--dim:#a3acb8;--page:#12161b;
        --card:#1b2129;--line:#39424d;--grid:#2b333d;--c0:#5cb4f0;--c1:#f0b13a;--c2:#ff7a5c;--c3:#c79af2;
        --free:#3d4855;--held:#f0b13a;--sold:#5cb4f0}}
        *{box-sizing:border-box}
        body{margin:0;background:var(--page);color:var(--ink);
        font:16px/1.45 system-ui,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif}
        header,main,footer{max-width:1080px;margin:0 auto;padding:0 18px}
        header{color:#fff;padding:16px 20px;margin-top:16px;border-radius:8px;
        overflow-wrap:anywhere}
        @media (max-width:1116px){header{border-radius:0;margin-top:0}}
        header.good{background:#0b6b3d}header.bad{background:#a8201a}header.doubt{background:#7d4e00}
        .verdict{font-size:30px;font-weight:700;line-height:1.15;margin:0}
        #reason{margin:4px 0 0}#reason:empty{display:none}
        dl{display:flex;flex-wrap:wrap;gap:4px 26px;margin:12px 0 0;padding-top:10px;
        border-top:1px solid rgba(255,255,255,.35)}dt{font-size:13px}dd{margin:0;font-weight:600}
        .tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(132px,1fr));gap:10px;
        list-style:none;padding:0;margin:16px 0}
        .tiles li{background:var(--card);border:1px solid var(--line);border-radius:6px;
        padding:8px 12px;overflow-wrap:anywhere}
        .tiles b{display:block;font-size:22px;line-height:1.25;font-variant-numeric:tabular-nums;
        white-space:nowrap}
        .tiles span,.note,figcaption,footer{color:var(--dim);font-size:14px}
        .charts{display:grid;grid-template-columns:repeat(auto-fit,minmax(310px,1fr));gap:14px}
        figure{margin:0;background:var(--card);border:1px solid var(--line);border-radius:6px;
        padding:10px 12px 6px;min-width:0}
        figure h3{font-size:16px;margin:0}
        figcaption{display:flex;flex-wrap:wrap;gap:0 14px}
        figcaption i{display:inline-block;width:18px;height:0;border-top:3px solid;
        vertical-align:middle;margin-right:5px}
        figcaption .k0{border-color:var(--c0)}
        figcaption .k1{border-color:var(--c1);border-top-style:dashed}
        figcaption .k2{border-color:var(--c2);border-top-style:dotted}
        figcaption .k3{border-color:var(--c3);border-top-style:double}
        svg{display:block;width:100%;height:auto}
        svg text{font-size:11px;fill:var(--dim);font-variant-numeric:tabular-nums}
        .grid{stroke:var(--grid)}.axis{stroke:var(--line)}
        .line{fill:none;stroke-width:1.8;stroke-linejoin:round;stroke-linecap:round}
        .l0{stroke:var(--c0)}.l1{stroke:var(--c1);stroke-dasharray:6 3}
        .l2{stroke:var(--c2);stroke-dasharray:2 3}
        .l3{stroke:var(--c3);stroke-dasharray:9 3 2 3}
        .area{fill:var(--c0);opacity:.12}
        h2{font-size:20px;margin:26px 0 6px;border-bottom:1px solid var(--line);padding-bottom:4px}
        .note{margin:0 0 8px}
        .row{display:grid;grid-template-columns:minmax(150px,2fr) 4fr;gap:2px 14px;
        padding:7px 0;border-bottom:1px solid var(--line);align-items:center}
        .row b{overflow-wrap:anywhere}.row small{color:var(--dim);display:block;
        overflow-wrap:anywhere}
        @media (max-width:560px){.row{grid-template-columns:1fr}}
        .bar{display:flex;height:14px;border-radius:3px;overflow:hidden;background:var(--free)}
        .bar span{height:100%}.held{background:var(--held)}.sold{background:var(--sold)}
        .free{background:var(--free)}.key{white-space:nowrap}
        .key i{display:inline-block;width:14px;height:10px;border-radius:2px;margin:0 5px 0 10px}
        .full{background:var(--c0)}.full.much{background:var(--c2)}
        footer{padding-top:14px;padding-bottom:28px}

        """
}
