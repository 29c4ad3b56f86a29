import QtQuick
import "../style"

// Every flow with six keys: four arrows move the focus to the nearest control that way, Enter presses it (the control's
// own affair), Escape or Back leaves.
QtObject {
    id: keys

    required property Item area

    signal moved
    signal leave

    // For the way into operator mode, which knows two of them.
    function nameOf(key: int): string {
        return key === Qt.Key_Escape || key === Qt.Key_Back ? "back" : key === Qt.Key_Up ? "up" : "";
    }

    function take(event: var): void {
        const ways = { [Qt.Key_Left]: [-1, 0], [Qt.Key_Right]: [1, 0], [Qt.Key_Up]: [0, -1], [Qt.Key_Down]: [0, 1] };
        Theme.keysInUse = true;
        keys.moved();
        const way = ways[event.key];
        if (way !== undefined) {
            event.accepted = true;
            move(way[0], way[1]);
        } else if ((event.key === Qt.Key_Escape || event.key === Qt.Key_Back) && !event.isAutoRepeat) {
            event.accepted = true;
            keys.leave();
        }
    }

    // All controls that can be pressed now.
    function controls(item: Item): var {
        let found = [];
        for (let i = 0; i < item.children.length; i += 1) {
            const child = item.children[i];
            if (!child.visible || !child.enabled) {
                continue;
            }
            if (child["isTarget"] === true) {
                found.push(child);
            } else {
                found = found.concat(controls(child));
            }
        }
        return found;
    }

    function move(dx: int, dy: int): void {
        const all = controls(area);
        const here = all.find(item => item.activeFocus);
        if (all.length === 0) {
            return;
        }
        if (here === undefined) {
            all[0].forceActiveFocus();
            return;
        }
        const from = here.mapToItem(null, 0, 0, here.width, here.height);
        let best = null, least = Infinity;
        for (const item of all) {
            if (item === here) {
                continue;
            }
            const to = item.mapToItem(null, 0, 0, item.width, item.height);
            const ahead = dx !== 0 ? dx * ((to.x + to.width / 2) - (from.x + from.width / 2))
                                   : dy * ((to.y + to.height / 2) - (from.y + from.height / 2));
            // Beyond the edge we leave by, not only beyond the middle.
            const clear = dx > 0 ? to.x >= from.x + from.width - 1 : dx < 0 ? to.x + to.width <= from.x + 1
                        : dy > 0 ? to.y >= from.y + from.height - 1 : to.y + to.height <= from.y + 1;
            if (ahead <= 0 || !clear) {
                continue;
            }
            const aside = dx !== 0 ? Math.max(0, to.y - (from.y + from.height), from.y - (to.y + to.height))
                                   : Math.max(0, to.x - (from.x + from.width), from.x - (to.x + to.width));
            const off = dx !== 0 ? Math.abs((to.y + to.height / 2) - (from.y + from.height / 2))
                                 : Math.abs((to.x + to.width / 2) - (from.x + from.width / 2));
            const cost = ahead + aside * 4 + off * 0.3;
            if (cost < least) {
                least = cost;
                best = item;
            }
        }
        if (best !== null) {
            best.forceActiveFocus();
        }
    }
}
