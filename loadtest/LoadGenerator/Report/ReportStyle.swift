// SPDX-License-Identifier: Apache-2.0

/// The style sheet of a report: light, dark and on paper. The lines' colours are Okabe and Ito's,
/// darker or lighter until they stand out by 3:1; dashes tell them apart as well.
enum ReportStyle {
    static let sheet = """
        :root{--ink:#1b2027;--dim:#59626e;--page:#fff;--card:#f5f6f8;--line:#d5d9df;--grid:#e4e7eb;
        --good:#0b6b3d;--bad:#a8201a;--doubt:#7d4e00;--c0:#0067a8;--c1:#007d5b;--c2:#a86500;
        --c3:#c22f14;--c4:#9a3f86;--c5:#3d4650;--due:#b9c4d1;--mark:#a8201a;--b0:#f0f3f7;
        --b1:#e5eaf1;--link:#0058a0}
        @media (prefers-color-scheme:dark){:root{--ink:#e5e9ee;--dim:#a3acb8;--page:#12161b;
        --card:#1b2129;--line:#39424d;--grid:#2b333d;--good:#0f7a49;--bad:#b3312a;--doubt:#8a5a05;
        --c0:#5cb4f0;--c1:#35c79a;--c2:#f0b13a;--c3:#ff7a5c;--c4:#dd94cd;--c5:#c3ccd6;--due:#4a5666;
        --mark:#ff8f85;--b0:#171c23;--b1:#1e252e;--link:#79bdf5}}
        *{box-sizing:border-box}
        body{margin:0;background:var(--page);color:var(--ink);
        font:16px/1.5 system-ui,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif}
        header,nav,main,footer{max-width:1000px;margin:0 auto;padding:0 20px}
        .skip{position:absolute;left:-999px}.skip:focus{left:8px;top:8px;background:var(--page);
        color:var(--ink);padding:6px 12px;z-index:1}
        a{color:var(--link)}:focus-visible{outline:3px solid var(--c0);outline-offset:2px}
        header{color:#fff;padding-top:20px;padding-bottom:20px;margin-top:20px;border-radius:8px;
        print-color-adjust:exact;-webkit-print-color-adjust:exact;overflow-wrap:anywhere}
        @media (max-width:1040px){header{border-radius:0;margin-top:0}}
        header.good{background:#0b6b3d}header.bad{background:#a8201a}header.doubt{background:#7d4e00}
        .verdict{font-size:34px;font-weight:700;line-height:1.15;margin:0}
        h1{font-size:21px;margin:6px 0 2px}.reason{margin:0;font-size:17px}
        header ul{margin:4px 0;padding-left:20px}.code{margin:4px 0 0}
        header dl{display:flex;flex-wrap:wrap;gap:6px 28px;margin:14px 0 0;
        border-top:1px solid rgba(255,255,255,.35);padding-top:12px}
        header dt{font-size:13px}header dd{margin:0;font-weight:600}
        nav ul{display:flex;flex-wrap:wrap;gap:4px 18px;list-style:none;padding:0;margin:14px 0 0}
        h2{font-size:21px;margin:36px 0 8px;border-bottom:1px solid var(--line);padding-bottom:4px}
        h3{font-size:17px;margin:0 0 4px}
        .tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(140px,1fr));gap:10px;
        list-style:none;padding:0;margin:18px 0 0}
        .tiles li{background:var(--card);border:1px solid var(--line);border-radius:6px;
        padding:10px 12px}.tiles b{display:block;font-size:23px;line-height:1.2}
        .tiles span{color:var(--dim);font-size:14px}
        .wide{overflow-x:auto;max-width:100%}
        table{border-collapse:collapse;width:100%;font-size:15px;margin:6px 0 10px}
        caption{text-align:left;color:var(--dim);font-size:14px;padding:4px 0}
        th,td{text-align:left;vertical-align:top;padding:5px 14px 5px 0;
        border-bottom:1px solid var(--line)}
        thead th{font-size:14px;color:var(--dim);font-weight:600;vertical-align:bottom}
        tbody th{font-weight:600}.n{text-align:right;white-space:nowrap;
        font-variant-numeric:tabular-nums}
        td:last-child,th:last-child{padding-right:0}
        tr:has(+.below) :is(th,td){border-bottom:0}.below td{padding-top:0}
        .badge{display:inline-block;color:#fff;border-radius:4px;padding:0 8px;font-size:14px;
        font-weight:600;white-space:nowrap;print-color-adjust:exact;
        -webkit-print-color-adjust:exact}
        .badge.good{background:var(--good)}.badge.bad{background:var(--bad)}
        .badge.doubt{background:var(--doubt)}.badge.unknown{background:#59626e}
        details{margin-top:4px}summary{cursor:pointer;color:var(--link)}
        details ol{margin:4px 0;padding-left:22px}code,pre{font:14px/1.45 ui-monospace,
        SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace;overflow-wrap:anywhere}
        pre{background:var(--card);border:1px solid var(--line);border-radius:6px;padding:10px 12px;
        overflow-x:auto;white-space:pre-wrap}
        .note,figcaption{color:var(--dim);font-size:14px}.note{margin:0 0 12px}
        figure{margin:22px 0 30px;break-inside:avoid}
        .legend{display:flex;flex-wrap:wrap;gap:2px 18px;list-style:none;padding:0;margin:2px 0 6px;
        font-size:14px}.legend li{display:flex;align-items:center;gap:7px;overflow-wrap:anywhere}
        svg{display:block;width:100%;min-width:640px;height:auto}
        svg.key{width:38px;min-width:38px;height:12px;flex:none}
        svg text{font-size:12px;fill:var(--ink)}svg .tick,svg .unit{fill:var(--dim)}
        svg .stage{font-weight:600}svg .event{fill:var(--mark);font-weight:600;
        paint-order:stroke;stroke:var(--b0);stroke-width:4px;stroke-linejoin:round}
        .grid{stroke:var(--grid)}.axis{stroke:var(--dim)}
        .band0{fill:var(--b0)}.band1{fill:var(--b1)}
        .mark{stroke:var(--mark);stroke-dasharray:3 3}
        .line{fill:none;stroke-width:1.8;stroke-linejoin:round;stroke-linecap:round}
        .line.due{stroke:var(--due);stroke-width:6}
        .s0{stroke:var(--c0)}.s1{stroke:var(--c1);stroke-dasharray:9 4}
        .s2{stroke:var(--c2);stroke-dasharray:5 4}.s3{stroke:var(--c3);stroke-dasharray:2 4}
        .s4{stroke:var(--c4);stroke-dasharray:10 4 2 4}
        .s5{stroke:var(--c5);stroke-dasharray:10 4 2 4 2 4}
        .other{stroke:var(--dim);stroke-width:.8;opacity:.6}
        .r0,.q0{stroke:var(--c0)}.r1,.q1{stroke:var(--c2)}.r2,.q2{stroke:var(--c1)}
        .r3,.q3{stroke:var(--c4)}.r0{stroke-width:1.6}.r1{stroke-width:3}
        .r2{stroke-width:2.2}.r3{stroke-width:1.2}
        .q0{stroke-dasharray:9 4}.q1{stroke-dasharray:5 4}.q2{stroke-dasharray:2 4}
        .q3{stroke-dasharray:10 4 2 4}
        .area{stroke:none}.a0{fill:var(--c0);opacity:.13}
        .f0{fill:var(--c0);opacity:.85}.f1{fill:var(--c2);opacity:.75}.f2{fill:var(--due);opacity:.6}
        .bound{fill:var(--mark);stroke:var(--page)}
        .read{fill:transparent}.read:hover{fill:var(--dim);opacity:.18}
        footer{color:var(--dim);font-size:14px;padding-top:10px;padding-bottom:30px}
        @media screen and (max-width:640px){body{font-size:15px}.stack thead{display:none}
        .stack tr{display:block;padding:6px 0;border-bottom:1px solid var(--line)}
        .stack tr:has(+.below){border-bottom:0}.stack :is(th,td){display:block;border:0;
        padding:1px 0;text-align:left}.stack td[data-l]:not(:empty)::before{content:attr(data-l) ": ";
        color:var(--dim)}}
        @media print{:root{--ink:#000;--dim:#444;--page:#fff;--card:#fff}body{font-size:11pt}
        nav,.skip{display:none}header{border-radius:0}svg{min-width:0}.wide{overflow:visible}
        table{font-size:9.5pt}tr{break-inside:avoid}h2{break-after:avoid}
        .band0,.band1{print-color-adjust:exact;-webkit-print-color-adjust:exact}}

        """
}
