// Text that does not fit is made smaller; a table that is still too long scrolls.
function fit(slide) {
  if (!slide || slide.querySelector('section')) return;
  const wide = [...slide.querySelectorAll('table, .code, pre, math *')]
    .filter(element => !element.closest('aside'));
  slide.classList.remove('scrolls');
  for (let size = 100; size >= 55; size -= 5) {
    slide.style.fontSize = size + '%';
    const edge = slide.getBoundingClientRect().right;
    if (slide.scrollHeight <= slide.clientHeight + 1 &&
        wide.every(element => element.getBoundingClientRect().right <= edge)) return;
  }
  slide.classList.add('scrolls');
}
const refit = () => fit(Reveal.getCurrentSlide());
for (const event of ['ready', 'slidechanged', 'resize']) Reveal.on(event, refit);
document.addEventListener('toggle', refit, true);
Reveal.initialize({
  width: 1280, height: 720, margin: 0, center: false, hash: true,
  transition: 'none', display: 'flex', slideNumber: 'c/t',
  plugins: [RevealNotes, RevealZoom],
});
