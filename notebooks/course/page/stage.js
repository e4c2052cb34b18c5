(facts => {
  const stage = document.currentScript.closest('.stage');
  const one = selector => stage.querySelector(selector);
  const all = selector => [...stage.querySelectorAll(selector)];
  const sounds = all('audio'), pictures = all('.picture img'), bars = all('.bars tr');
  const choices = all('.version'), share = one('.share input'), place = one('.place');
  const play = one('.play'), even = one('.even'), cursor = one('.picture i');
  const isCalm = matchMedia('(prefers-reduced-motion: reduce)').matches;
  let now = 0;
  const pictureOf = number => Math.min(number, pictures.length - 1);
  const length = () => sounds[now].duration || 1;

  function draw() {
    const [left, right, begins, ends] = facts.places[pictureOf(now)];
    const time = sounds[now].currentTime;
    const along = (time - begins) / (ends - begins);
    cursor.style.display = along >= 0 && along <= 1 ? 'block' : 'none';
    cursor.style.left = 100 * (left + (right - left) * along) + '%';
    place.value = 1000 * time / length();
    place.setAttribute('aria-valuetext', time.toFixed(1) + ' seconds');
    one('.time').textContent = time.toFixed(1) + ' s';
  }
  function isPlaying() { return !sounds[now].paused && !sounds[now].ended; }
  function tick() {
    if (!stage.isConnected) sounds[now].pause();
    draw();
    if (isPlaying() && !isCalm) requestAnimationFrame(tick);
  }
  function showPlaying() {
    play.setAttribute('aria-pressed', isPlaying());
    play.textContent = isPlaying() ? 'Pause' : 'Play';
    tick();
  }
  // A pause that comes before the sound has begun is no mistake.
  function run(sound) { sound.play().catch(() => {}); }
  function start() {
    document.querySelectorAll('.stage audio').forEach(other => other.pause());
    run(sounds[now]);
  }
  function seek(time) {
    sounds[now].currentTime = Math.max(0, Math.min(time, length() - 0.01));
    draw();
  }
  function choose(number) {
    const wasPlaying = isPlaying(), time = sounds[now].ended ? 0 : sounds[now].currentTime;
    sounds[now].pause();
    now = number;
    sounds[now].currentTime = time;
    if (wasPlaying) run(sounds[now]);
    choices.forEach((button, n) => button.setAttribute('aria-pressed', n === now));
    pictures.forEach((img, n) => { img.hidden = n !== pictureOf(now); });
    if (share) { share.value = now; share.setAttribute('aria-valuetext', facts.names[now]); }
    one('.says').textContent = facts.says[now];
    const most = Math.max(...facts.percent[now]);
    bars.forEach((row, n) => {
      const percent = facts.percent[now][n];
      row.className = percent === most ? 'first' : '';
      row.querySelector('b').style.width = percent + '%';
      row.lastElementChild.textContent = percent.toFixed(0) + ' %';
    });
    showPlaying();
  }

  sounds.forEach(sound => {
    sound.hidden = true;
    for (const event of ['play', 'pause', 'ended']) sound.addEventListener(event, showPlaying);
    sound.addEventListener('timeupdate', draw);
  });
  play.onclick = () => isPlaying() ? sounds[now].pause() : start();
  place.oninput = () => seek(place.value / 1000 * length());
  choices.forEach((button, n) => { button.onclick = () => choose(n); });
  if (share) share.oninput = () => choose(+share.value);
  even.onclick = () => {
    const isEven = even.getAttribute('aria-pressed') !== 'true';
    even.setAttribute('aria-pressed', isEven);
    sounds.forEach((sound, n) => { sound.volume = isEven ? facts.volumes[n] : 1; });
  };
  one('.picture').onclick = event => {
    const [left, right, begins, ends] = facts.places[pictureOf(now)];
    const box = one('.picture').getBoundingClientRect();
    const along = ((event.clientX - box.left) / box.width - left) / (right - left);
    seek(begins + along * (ends - begins));
  };
  stage.addEventListener('keydown', event => {
    if (event.key === 'Tab' || event.ctrlKey || event.metaKey || event.altKey) return;
    event.stopPropagation();
    const number = event.key.length === 1 ? event.key.toLowerCase().charCodeAt(0) - 97 : -1;
    if (number >= 0 && number < choices.length) { choose(number); choices[number].focus(); }
  });
  one('.handles').hidden = false;
  one('ol, ul').hidden = true;
  choose(0);
})
