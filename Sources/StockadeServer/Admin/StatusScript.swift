// SPDX-License-Identifier: Apache-2.0

/// What the status page runs: asks once a second and draws. Texts go in by `textContent` only.
enum StatusScript {
    static let source = #"""
        'use strict';
        const at = id => document.getElementById(id);
        const node = (name, text, kind) => {
          const made = document.createElement(name);
          if (text !== undefined) made.textContent = text;
          if (kind) made.className = kind;
          return made;
        };
        const drawn = (name, attributes, text) => {
          const made = document.createElementNS('http://www.w3.org/2000/svg', name);
          for (const key in attributes) made.setAttribute(key, attributes[key]);
          if (text !== undefined) made.textContent = text;
          return made;
        };
        const plain = new Intl.NumberFormat('en', {maximumFractionDigits: 0});
        const count = v => v == null ? '–' : v > 0 && v < 10 && v % 1 ? v.toFixed(1) : plain.format(v);
        const bytes = v => {
          const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
          let unit = 0;
          while (v >= 1024 && unit < 4) { v /= 1024; unit += 1; }
          return (v < 10 && unit ? v.toFixed(1) : Math.round(v)) + ' ' + units[unit];
        };
        const time = s => s == null ? '–' : s === 0 ? '0 s' : s < 1e-3 ? Math.round(s * 1e6) + ' µs'
          : s < 0.01 ? (s * 1e3).toFixed(1) + ' ms' : s < 1 ? Math.round(s * 1e3) + ' ms'
          : s < 100 ? s.toFixed(1) + ' s' : s < 7200 ? plain.format(s / 60) + ' min'
          : plain.format(s / 3600) + ' h';

        // The next 1, 2 or 5 times a power of ten: where the axis ends.
        const ceiling = v => {
          if (!(v > 0)) return 1;
          const power = Math.pow(10, Math.floor(Math.log10(v)));
          for (const step of [1, 2, 5, 10]) if (v <= step * power) return step * power;
        };
        const W = 340, H = 150, L = 72, R = 6, T = 10, B = 20, SPAN = 180;

        function chart(title, unit, history, lines) {
          const figure = node('figure');
          figure.append(node('h3', title));
          const caption = node('figcaption');
          lines.forEach((line, index) => {
            const entry = node('span');
            entry.append(node('i', undefined, 'k' + index), line.name + ' ');
            const last = history[line.key][history[line.key].length - 1];
            entry.append(node('b', unit(last)));
            caption.append(entry);
          });
          figure.append(caption);
          const svg = drawn('svg', {viewBox: `0 0 ${W} ${H}`, role: 'img', 'aria-label': title});
          const all = lines.flatMap(line => history[line.key]).filter(v => v != null);
          const top = ceiling(Math.max(0, ...all));
          const x = index => L + (W - L - R) * (index + SPAN - history.ms.length) / (SPAN - 1);
          const y = v => T + (H - T - B) * (1 - v / top);
          for (const share of [0, 0.5, 1]) {
            svg.append(drawn('line', {x1: L, x2: W - R, y1: y(top * share), y2: y(top * share),
              class: share ? 'grid' : 'axis'}));
            svg.append(drawn('text', {x: L - 6, y: y(top * share) + 4, 'text-anchor': 'end'},
              unit(top * share)));
          }
          [['3 min ago', 0, 'start'], ['2', 1, 'middle'], ['1', 2, 'middle'], ['now', 3, 'end']]
            .forEach(([text, minute, anchor]) => svg.append(drawn('text', {
              x: L + (W - L - R) * minute / 3, y: H - 5, 'text-anchor': anchor}, text)));
          lines.forEach((line, place) => {
            let path = '', open = false, first = null, last = null;
            history[line.key].forEach((v, index) => {
              if (v == null) { open = false; return; }
              path += (open ? 'L' : 'M') + x(index).toFixed(1) + ' ' + y(v).toFixed(1);
              if (first === null) first = x(index);
              last = x(index);
              open = true;
            });
            if (place === 0 && first !== null && !history[line.key].includes(null))
              svg.append(drawn('path', {d: path + `L${last.toFixed(1)} ${y(0)}L${first.toFixed(1)} ${y(0)}Z`,
                class: 'area'}));
            svg.append(drawn('path', {d: path, class: 'line l' + place}));
          });
          figure.append(svg);
          return figure;
        }

        function head(now) {
          const well = now.ready;
          const waits = ['starting', 'replaying', 'draining'].includes(now.phase);
          const full = well && now.warnings.length > 0;
          at('head').className = full ? 'doubt' : well ? 'good' : waits ? 'doubt' : 'bad';
          at('verdict').textContent = full ? 'Ready, but full and refusing'
            : well ? (now.used_up.length ? 'Ready, with a table used up' : 'Ready') : waits ? now.phase[0].toUpperCase() + now.phase.slice(1)
            : 'Not ready';
          at('reason').textContent = now.problems.concat(now.warnings, now.used_up).join('; ');
          const facts = [['serves', now.listen], ['mode', now.mode], ['loops', count(now.loops)],
            ['version', now.version]];
          if (now.journal) facts.push(['journal', now.journal.state]);
          facts.push(['Postgres', now.postgres ? now.postgres.phase : 'none']);
          at('facts').replaceChildren(...facts.map(([name, value]) => {
            const pair = node('div');
            pair.append(node('dt', name), node('dd', value));
            return pair;
          }));
          document.title = (well && !full ? '' : '! ') + 'Stockade ' + now.listen;
        }

        function tiles(now) {
          const history = now.history, last = key => history[key][history[key].length - 1];
          const held = now.tables ? now.tables.find(each => each.name === 'holds') : null;
          const shown = [['calls/s', count(last('calls'))], ['p50', time(last('p50'))],
            ['p99', time(last('p99'))], ['sold out/s', count(last('sold_out'))],
            ['refused/s' + (now.refusals.length ? ', most ' + now.refusals[0].reason : ''),
              count(last('refused'))],
            ['faults/s', count(last('faults'))], ['live holds', count(held && held.now)],
            ['connections', count(now.connections)]];
          if (now.journal) shown.push(
            ['journal, of ' + bytes(now.journal.limit_bytes), bytes(now.journal.used_bytes)],
            ['longest write since the start', time(now.journal.longest_write_s)]);
          if (now.postgres) {
            const budget = now.postgres.outage_budget_s;
            shown.push(['Postgres behind', time(last('lag_seconds'))],
              ['outage it can take', budget < 0 ? '–' : time(budget)],
              ['dead letters', count(now.postgres.dead_letters)]);
          }
          at('tiles').replaceChildren(...shown.map(([name, value]) => {
            const tile = node('li');
            tile.append(node('b', value), node('span', name));
            return tile;
          }));
          // Rows of much the same length: no tile is left over.
          const fit = Math.max(2, Math.floor((at('tiles').clientWidth + 10) / 142));
          const columns = Math.ceil(shown.length / Math.ceil(shown.length / fit));
          at('tiles').style.gridTemplateColumns = `repeat(${columns},minmax(0,1fr))`;
        }

        function charts(now) {
          const h = now.history, made = [
            chart('Calls a second', count, h, [{key: 'ok', name: 'OK'},
              {key: 'sold_out', name: 'sold out'}, {key: 'faults', name: 'faults'},
              {key: 'refused', name: 'refused'}]),
            chart('Time to the answer', time, h, [{key: 'p50', name: 'p50'}, {key: 'p99', name: 'p99'}]),
            chart('Live holds', count, h, [{key: 'holds', name: 'holds'}])];
          if (now.journal) made.push(
            chart('Journal: write and flush', time, h, [{key: 'write', name: 'mean'}]),
            chart('Journal: a second', count, h, [{key: 'records', name: 'records'},
              {key: 'blocks', name: 'blocks'}]));
          if (now.postgres) made.push(
            chart('Postgres: behind', time, h, [{key: 'lag_seconds', name: 'age'}]),
            chart('Postgres: records behind', count, h, [{key: 'lag_sequences', name: 'records'}]));
          at('charts').replaceChildren(...made);
        }

        function row(name, detail, bar, text) {
          const made = node('div', undefined, 'row'), left = node('div'), right = node('div');
          left.append(node('b', name));
          if (detail) left.append(node('small', detail));
          right.append(bar, node('small', text));
          made.append(left, right);
          return made;
        }

        function stock(now) {
          at('stock').hidden = !now.hot || !now.hot.length;
          at('hot').replaceChildren(...(now.hot || []).map(each => {
            const bar = node('div', undefined, 'bar'), whole = Math.max(each.on_hand, 1);
            for (const [kind, value] of [['sold', each.allocated], ['held', each.held]]) {
              const part = node('span', undefined, kind);
              part.style.width = Math.max(0, Math.min(100, 100 * value / whole)) + '%';
              bar.append(part);
            }
            return row(each.sku, each.brand + ', ' + each.warehouse, bar,
              `${count(each.available)} available of ${count(each.on_hand)}: ` +
              `${count(each.allocated)} ordered, ${count(each.held)} held`);
          }));
        }

        function tables(now) {
          at('tables').replaceChildren(...(now.tables || []).map(each => {
            const bar = node('div', undefined, 'bar'), part = node('span', undefined, 'full');
            const share = each.now / each.max;
            part.style.width = Math.min(100, 100 * share) + '%';
            if (share > 0.8) part.className += ' much';
            bar.append(part);
            return row(each.name, undefined, bar, `${count(each.now)} of ${count(each.max)}`);
          }));
        }

        async function show() {
          try {
            const answer = await fetch('/status.json', {cache: 'no-store'});
            const now = await answer.json();
            head(now); tiles(now); charts(now); stock(now); tables(now);
            at('foot').textContent = 'As of ' + new Date(now.now_ms).toISOString().slice(0, 19)
              .replace('T', ' ') + ' UTC; asked for once a second.';
          } catch (error) {
            at('head').className = 'bad';
            at('verdict').textContent = 'No answer';
            at('reason').textContent = 'The server does not answer; what is below is its last word.';
          }
          setTimeout(show, 1000);
        }
        show();

        """#
}
